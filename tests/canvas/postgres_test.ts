import { whyNoPostgres } from "../adapters/fixtures/postgres_server.ts";
import { postgresServer } from "../adapters/fixtures/postgres_suite.ts";
import { testCanvases } from "./suite.ts";

const server = postgresServer();

testCanvases({
  name: "postgres",
  reason: whyNoPostgres(),
  config: async () => ({ brokerUrl: (await server()).url() }),
  batch: 15,
  batches: 1,
});
