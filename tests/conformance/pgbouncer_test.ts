/**
 * All that holds for PostgreSQL holds through a pooler in transaction mode:
 * without LISTEN, and without prepared statements.
 */

import { postgresStore } from "../../adapters/postgres/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";
import {
  findPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from "../adapters/fixtures/pgbouncer.ts";
import {
  postgresServer,
  Schemas,
} from "../adapters/fixtures/postgres_suite.ts";

const { path = "", missing: reason } = await findPgBouncer();
const suffix = reason === undefined ? "" : ` (skipped: ${reason})`;
const server = postgresServer();
const schemas = new Schemas(server);
let pooler: Promise<PgBouncer> | undefined;

if (reason === undefined) {
  Deno.test.beforeAll(async () => {
    await (pooler = server().then(({ port }) => startPgBouncer(path, port)));
  });
}
Deno.test.afterAll(async () => {
  await (await pooler)?.dispose();
});

testStore({
  test: (name, fn, skip) =>
    Deno.test({
      name: `pgbouncer ${name}${suffix}`,
      fn,
      ignore: skip !== undefined || reason !== undefined,
    }),
  fresh: async () => {
    const url = (await pooler)?.url ?? "";
    const schema = schemas.take();
    const query = `?listen=false&schema=${schema}`;
    return {
      store: (options) => postgresStore({ ...options, url: url + query }),
      dispose: () => schemas.giveBack(schema),
    };
  },
});
