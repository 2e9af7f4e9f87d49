import { postgresStore } from "../../adapters/postgres/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";
import { whyNoPostgres } from "../adapters/fixtures/postgres_server.ts";
import {
  postgresServer,
  Schemas,
} from "../adapters/fixtures/postgres_suite.ts";

const server = postgresServer();
const schemas = new Schemas(server);
const reason = whyNoPostgres();
const suffix = reason === undefined ? "" : ` (skipped: ${reason})`;

testStore({
  test: (name, fn, skip) =>
    Deno.test({
      name: `postgres ${name}${suffix}`,
      fn,
      ignore: skip !== undefined || reason !== undefined,
    }),
  fresh: async () => {
    const url = (await server()).url();
    const schema = schemas.take();
    return {
      store: (options) => postgresStore({ ...options, url, schema }),
      dispose: () => schemas.giveBack(schema),
    };
  },
});
