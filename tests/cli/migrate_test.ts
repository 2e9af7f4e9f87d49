/**
 * `lovage migrate`, and workers that may not migrate themselves.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../adapters/postgres/schema.ts";
import type { PostgresServer } from "../adapters/fixtures/postgres_server.ts";
import { whyNoPostgres } from "../adapters/fixtures/postgres_server.ts";
import {
  newSchema,
  postgresServer,
} from "../adapters/fixtures/postgres_suite.ts";
import { type Ran, Workplace } from "./fixtures/processes.ts";

const reason = whyNoPostgres();
const server = postgresServer();

/** What a test works with. */
interface MigrateTest {
  readonly postgres: PostgresServer;
  readonly place: Workplace;
  readonly schema: string;
  /** The URL of the superuser. */
  readonly url: string;
  migrate(...args: string[]): Promise<Ran>;
}

function test(name: string, fn: (test: MigrateTest) => Promise<void>): void {
  Deno.test({
    name: `${name}${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    ignore: reason !== undefined,
    fn: async () => {
      await using place = new Workplace();
      const postgres = await server();
      const schema = newSchema();
      const url = `${postgres.url()}?schema=${schema}`;
      await fn({
        ...{ postgres, place, schema, url },
        migrate: (...args) => place.bare("migrate", "-b", url, ...args),
      });
    },
  });
}

test("migrate says from which version to which, and what it does", async ({ migrate, schema }) => {
  const before = await migrate("--check");
  assertEquals(before.code, 1, before.stderr);
  assertMatch(
    before.stdout,
    new RegExp(`is not there, version ${VERSION} is needed`),
  );
  assertMatch(before.stdout, /^ {2}1: creates the tables for tasks/m);
  assertEquals((await migrate("--check")).code, 1, "It changes nothing");

  const done = await migrate();
  assertEquals(done.code, 0, done.stderr);
  assertMatch(done.stdout, new RegExp(`^Schema "${schema}" of postgres://`));
  assertMatch(
    done.stdout,
    new RegExp(`: version 0 -> ${VERSION}\\n {2}1: creates the tables`),
  );

  const again = await migrate("--json");
  assertEquals(again.code, 0);
  const { from, to, done: steps } = JSON.parse(again.stdout);
  assertEquals([from, to, steps], [VERSION, VERSION, []]);
  const after = await migrate("--check");
  assertEquals(after.code, 0);
  assertMatch(
    after.stdout,
    new RegExp(`is up to date \\(version ${VERSION}\\)`),
  );
});

test("of several that migrate at once, one does it", async ({ migrate }) => {
  const all = await Promise.all([migrate(), migrate(), migrate(), migrate()]);
  assertEquals(all.map(({ code }) => code), [0, 0, 0, 0]);
  const said = all.map(({ stdout }) => stdout);
  assertEquals(
    said.filter((it) => it.includes(`version 0 -> ${VERSION}`)).length,
    1,
  );
  assertEquals(said.filter((it) => /is up to date/.test(it)).length, 3);
});

test("a schema of a newer version is left alone", async ({ migrate, postgres, schema }) => {
  await migrate();
  await postgres.psql(`update ${schema}.meta set version = 99`);
  for (const args of [[], ["--check"]]) {
    const { code, stderr } = await migrate(...args);
    assertEquals(code, 69);
    assertMatch(
      stderr,
      new RegExp(`has version 99, this Lovage knows ${VERSION}: update Lovage`),
    );
  }
});

test("an app that may not create works once somebody has migrated", async ({ postgres, place, schema, url, migrate }) => {
  await postgres.psql(`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'app_only') then
        create role app_only login;
      end if;
    end $$;
  `);
  const own = `${
    postgres.url({ user: "app_only" })
  }?schema=${schema}&migrate=false`;
  const early = place.start("-P", "async", "--broker", own);
  assertEquals((await early.status()).code, 69);
  assertMatch(early.stderr.join("\n"), /^Error: .* run `lovage migrate`/);
  const denied = await place.bare("migrate", "-b", own);
  assertEquals(denied.code, 69);
  assertMatch(denied.stderr, /lacks a right .*permission denied for database/);

  assertEquals((await migrate()).code, 0);
  await postgres.psql(`
    grant usage on schema ${schema} to app_only;
    grant select, insert, update, delete on all tables in schema ${schema}
      to app_only;
    grant usage, select on all sequences in schema ${schema} to app_only;
  `);
  const worker = await place.worker("-P", "async", "--broker", own);
  const call = await place.lovage(
    ...["call", "math.add", "-a", "[1, 2]", "--wait", "20s", "-b", own],
  );
  assertEquals(call.stdout, "3\n", call.stderr);
  // Who has nothing to migrate needs no right to do so.
  assertEquals((await place.bare("migrate", "-b", own)).code, 0);
  const { stdout } = await place.lovage("status", "--broker", url);
  assertMatch(stdout, / alive /);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});

test("broker, results and outbox are each migrated once", async ({ place, url, postgres }) => {
  const results = `${postgres.url()}?schema=${newSchema()}`;
  const { code, stdout } = await place.bare(
    ...["migrate", "-b", url, "--result-backend", results, "--json"],
  );
  assertEquals(code, 0);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ from, to }) => [from, to]), [[0, VERSION], [
    0,
    VERSION,
  ]]);
  assert(lines[0].schema !== lines[1].schema);
});

Deno.test("a store without a schema needs no migration", async () => {
  await using place = new Workplace();
  for (const url of ["sqlite://./q.db", "redis://127.0.0.1:1", "memory://"]) {
    for (const args of [[], ["--check"]]) {
      const { code, stdout } = await place.bare("migrate", "-b", url, ...args);
      assertEquals(code, 0);
      assertMatch(stdout, /needs no migration/);
    }
  }
  assertEquals(
    await Array.fromAsync(Deno.readDir(place.path)),
    [],
    "No file was made",
  );
});
