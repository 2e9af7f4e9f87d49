/**
 * Migrations: once, by whoever comes first, under any name.
 */

import { assertEquals } from "@std/assert";
import { migrate, postgresStore } from "../../adapters/postgres/mod.ts";
import {
  ids,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

const PEER = `
  import { migrate } from "${
  import.meta.resolve("../../adapters/postgres/mod.ts")
}";
  await migrate({ url: Deno.args[0], schema: Deno.args[1] });
`;

test("several processes migrate at once", async ({ server, schema, open }) => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, PEER);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const run = () =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--config", config, file],
        ...[server.url(), schema],
      ],
      stderr: "inherit",
    }).output();
  const all = await Promise.all([run(), run(), run(), run()]);
  assertEquals(all.map((one) => one.code), [0, 0, 0, 0]);
  const store = await open({ migrate: false });
  await store.broker.publish([message("a")]);
  await Deno.remove(file);
});

test("many stores open at once, and again", async ({ schema, open }) => {
  const stores = await Promise.all(
    Array.from({ length: 8 }, () => open({ max: 1, schema })),
  );
  await stores[0]?.broker.publish([message("a")]);
  await open({ schema });
  const last = stores.at(-1) ?? await open();
  assertEquals(ids(await reserve(last)), ["a"]);
});

test("a schema may have any name, and be there already", async ({ server }) => {
  const url = server.url();
  const name = `o'dd "näme"; drop table x -- $lovage$`;
  await server.psql(`create schema "o'dd ""näme""; drop table x -- $lovage$"`);
  await migrate({ url, schema: name });
  const store = postgresStore({ url, schema: name });
  await store.open();
  await store.broker.publish([message("a")]);
  assertEquals(ids(await reserve(store)), ["a"]);
  await store.close();
});

test("who may only use the schema can open it", async ({ server, schema }) => {
  const url = server.url();
  await migrate({ url, schema });
  await server.psql(`
    create role app_user login;
    grant usage on schema ${schema} to app_user;
    grant select, insert, update, delete on all tables in schema ${schema}
      to app_user;
    grant usage, select on all sequences in schema ${schema} to app_user;
  `);
  const store = postgresStore({
    url: server.url({ user: "app_user" }),
    schema,
  });
  await store.open();
  await store.broker.publish([message("a")]);
  assertEquals(ids(await reserve(store)), ["a"]);
  await store.close();
});
