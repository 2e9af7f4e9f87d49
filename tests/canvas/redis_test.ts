import {
  missing,
  type RedisServer,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { testCanvases } from "./suite.ts";

let server: RedisServer | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    server = await startRedis();
  });
  Deno.test.afterAll(async () => await server?.stop());
}

testCanvases({
  name: "redis",
  reason: missing,
  config: () => ({ brokerUrl: server?.url ?? "" }),
  batch: 15,
  batches: 1,
});
