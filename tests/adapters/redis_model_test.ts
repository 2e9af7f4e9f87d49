/**
 * Random operations on the Redis store and on the memory store, which is the
 * model: both must answer the same and come to the same end.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { redisStore } from "../../adapters/redis/mod.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { operation, Side } from "./fixtures/redis_model.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

serverTest("the Redis store does what the memory store does", async () => {
  const server = await startRedis();
  const { url } = server;
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 10, maxLength: 100, size: "max" }),
        async (operations) => {
          const clock = new FakeClock();
          const prefix = `model${++runs}`;
          const model = new Side(memoryStore({ clock }), clock);
          const real = new Side(redisStore({ url, prefix, clock }), clock);
          await model.store.open();
          await real.store.open();
          try {
            for (const one of operations) {
              if (one.op === "advance") clock.advance(one.ms);
              const expected = await model.run(one);
              const actual = await real.run(one);
              assertEquals(actual, expected, JSON.stringify(one));
            }
            assertEquals(await real.view(), await model.view());
          } finally {
            await real.store.close();
            await model.store.close();
          }
        },
      ),
      { numRuns: Number(Deno.env.get("FC_RUNS") ?? 200) },
    );
  } finally {
    await server.stop();
  }
});
