import { redisStore } from "../../adapters/redis/mod.ts";
import { checkAgainstModel } from "./fixtures/model.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

for (const conditions of [false, true]) {
  const suffix = conditions ? ", also with limits and unique keys" : "";
  const name = `the Redis store does what the memory store does${suffix}`;
  serverTest(name, () => check(conditions));
}

async function check(conditions: boolean): Promise<void> {
  const server = await startRedis();
  let runs = 0;
  try {
    await checkAgainstModel(
      async (clock) => {
        const prefix = `model${++runs}`;
        const store = redisStore({ url: server.url, prefix, clock });
        await store.open();
        return store;
      },
      undefined,
      conditions,
    );
  } finally {
    await server.stop();
  }
}
