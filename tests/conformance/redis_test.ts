import { redisStore } from "../../adapters/redis/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";
import {
  missing,
  type RedisServer,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";

let server: RedisServer | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    server = await startRedis();
  });
  Deno.test.afterAll(async () => await server?.stop());
}

testStore({
  test: (name, fn, skip) => {
    const reason = missing ?? skip;
    Deno.test({
      name: `redis ${name}${reason === undefined ? "" : ` (${reason})`}`,
      fn,
      ignore: reason !== undefined,
    });
  },
  fresh: () => {
    const url = server?.url;
    const prefix = crypto.randomUUID();
    return { store: (options) => redisStore({ ...options, url, prefix }) };
  },
});
