import { redisStore } from "../../adapters/redis/mod.ts";
import { checkAgainstModel } from "./fixtures/model.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

serverTest("the Redis store does what the memory store does", async () => {
  const server = await startRedis();
  let runs = 0;
  try {
    await checkAgainstModel(async (clock) => {
      const prefix = `model${++runs}`;
      const store = redisStore({ url: server.url, prefix, clock });
      await store.open();
      return store;
    });
  } finally {
    await server.stop();
  }
});
