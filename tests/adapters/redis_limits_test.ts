/**
 * Whatever happens to messages with limits in Redis, they hold, and nothing of
 * them is left behind.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { redisStore } from "../../adapters/redis/mod.ts";
import type { Store } from "../../src/contracts/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { anySteps, LimitsModel, type Step } from "./fixtures/limits_model.ts";
import {
  type RedisServer,
  serverTest,
  startRedis,
} from "./fixtures/redis_server.ts";
import { searchedBriefly } from "../_properties.ts";

/** What stays of messages that have ended: all of it expires by itself. */
const REMAINS = /:(op|starts):|:(seq|queues|dead|dead-seq|dead-order)$/;

serverTest("limits hold, and nothing of them is left", async () => {
  const server = await startRedis();
  try {
    await fc.assert(
      fc.asyncProperty(
        anySteps,
        searchedBriefly(async (steps) => {
          await server.cli("flushall");
          const clock = new FakeClock();
          const store = redisStore({ url: server.url, clock });
          await store.open();
          try {
            await play(store, clock, steps);
            assertEquals(await keysLeft(server), []);
          } finally {
            await store.close();
          }
        }),
      ),
      { numRuns: Number(Deno.env.get("FC_RUNS") ?? 200) },
    );
  } finally {
    await server.stop();
  }
});

/** Takes all steps, then works off what is left. */
async function play(
  store: Store,
  clock: FakeClock,
  steps: readonly Step[],
): Promise<void> {
  const model = new LimitsModel(store, clock);
  for (const step of steps) await model.take(step);
  await model.take({ kind: "leave" });
  for (let round = 0; round < 200; round++) {
    const taken = await model.reserve(50);
    for (const _ of taken) {
      await model.take({ kind: "settle", pick: 0, action: "ack", limits: [] });
    }
    if ((await store.inspector.queues()).length === 0) break;
    clock.advance(500);
  }
  await store.broker.leave("c1");
  assertEquals(await store.inspector.queues(), []);
}

async function keysLeft({ cli }: RedisServer): Promise<string[]> {
  const keys = (await cli("keys", "*")).split("\n").filter((key) => key !== "");
  return keys.filter((key) => !REMAINS.test(key));
}
