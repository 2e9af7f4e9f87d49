/**
 * Wrong use of the PostgreSQL store: one sentence each, that says what to do,
 * without the stack of a driver.
 */

import { freePort } from "./fixtures/free_port.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  migrate,
  postgresStore,
  type PostgresStoreOptions,
} from "../../adapters/postgres/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { message } from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

/** The error that opening a store ends with. */
async function openingFails(
  options: PostgresStoreOptions,
): Promise<StoreError> {
  const store = postgresStore(options);
  try {
    const error = await assertRejects(() => store.open(), StoreError);
    assertIsClean(error);
    return error;
  } finally {
    await store.close();
  }
}

function assertIsClean(error: StoreError): void {
  assert(!error.message.includes("\n"), error.message);
  assert(!/secret/.test(error.message), "The password must not be shown");
  const cause = error.cause as Error | undefined;
  assert(!/connection\.js|postgres@/.test(cause?.stack ?? ""), cause?.stack);
}

test("a wrong password, and no such user", async ({ server }) => {
  await server.psql(
    "create role needs_password login password 'right'",
  );
  const url = server.url({ user: "needs_password", password: "secret" });
  const error = await openingFails({ url });
  assert(/refuses this user or password/.test(error.message), error.message);
  assertEquals(error.transient, false);
});

test("no such database", async ({ server }) => {
  const error = await openingFails({ url: server.url({ database: "nope" }) });
  assert(/no such database.*CREATE DATABASE/.test(error.message));
});

test("nobody listens", async () => {
  const start = performance.now();
  const url = `postgres://me:secret@127.0.0.1:${freePort()}/app`;
  const error = await openingFails({ url });
  assert(/Nobody listens.*start the server/.test(error.message), error.message);
  assert(error.message.includes("me:***@"), error.message);
  assert(performance.now() - start < 3_000, "Opening does not try for long");
  assertEquals(error.transient, true);
});

test("a host without an address", async () => {
  const url = "postgres://me@no-such-host.invalid/app";
  const error = await openingFails({ url });
  assert(/has no address.*correct its name/.test(error.message), error.message);
});

test("no right to create the schema, and none to use it", async ({ server, schema, open }) => {
  await server.psql("create role nobody_much login");
  const url = server.url({ user: "nobody_much" });
  const creating = await openingFails({ url, schema });
  assert(/lacks a right.*`lovage migrate`/.test(creating.message));
  await open();
  const using = await openingFails({ url, schema });
  assert(/lacks a right/.test(using.message), using.message);
});

test("a read-only database", async ({ server, schema, open }) => {
  await open();
  await server.psql(`
    create role reader login;
    alter role reader set default_transaction_read_only = on;
  `);
  const url = server.url({ user: "reader" });
  const error = await openingFails({ url, schema });
  assert(/is read-only.*address of the primary/.test(error.message));
});

test("a schema that is not migrated, or too new", async ({ server, schema, open }) => {
  const url = server.url();
  const missing = await openingFails({ url, schema, migrate: false });
  assert(/is not there.*lovage migrate/.test(missing.message));
  await open();
  await server.psql(`update ${schema}.meta set version = 99`);
  const newer = await openingFails({ url, schema });
  assert(/has version 99.*update Lovage/.test(newer.message), newer.message);
  await assertRejects(() => migrate({ url, schema }), StoreError, "99");
});

test("a schema that is gone while the store is open", async ({ server, schema, open }) => {
  const store = await open();
  await server.psql(`drop schema ${schema} cascade`);
  const error = await assertRejects(
    () => store.broker.publish([message("a")]),
    StoreError,
    "migrate it",
  );
  assertIsClean(error as StoreError);
});

test("no connection left", async ({ server }) => {
  await server.psql("create role few login connection limit 0");
  const error = await openingFails({ url: server.url({ user: "few" }) });
  assert(/no connection left.*lower `max`/.test(error.message), error.message);
});

test("a store that was closed", async ({ open }) => {
  const store = await open();
  await store.close();
  await assertRejects(
    () => store.broker.publish([message("a")]),
    StoreError,
    "was closed",
  );
});

Deno.test("postgres: options that cannot be meant are refused", () => {
  const url = "postgres://localhost/app";
  const cases: [unknown, string][] = [
    [{}, "either `url` or `sql`"],
    [{ url, sql: () => {} }, "either `url` or `sql`"],
    [{ url: 7 }, "cannot be read"],
    [{ url: "nonsense" }, "cannot be read"],
    [{ url: "redis://localhost" }, 'not "redis"'],
    [{ sql: {} }, "client of postgres.js"],
    [{ url, schema: "" }, "1 to 63 bytes"],
    [{ url, schema: "ü".repeat(32) }, "1 to 63 bytes"],
    [{ url, schema: "pg_mine" }, 'does not begin with "pg_"'],
    [{ url, max: 0 }, "whole number above 0"],
    [{ url, timeout: "5s" }, "whole number above 0"],
  ];
  for (const [options, expected] of cases) {
    const make = () => postgresStore(options as PostgresStoreOptions);
    assertThrows(make, StoreError, expected);
  }
});

Deno.test("postgres: nothing connects before open", async () => {
  const url = `postgres://me:secret@127.0.0.1:1/app`;
  const store = postgresStore({ url });
  assertEquals(store.address, "postgres://me:***@127.0.0.1:1/app");
  await store.close();
});
