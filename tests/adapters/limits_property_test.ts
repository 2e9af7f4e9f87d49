/** Whatever happens to messages with limits: see the model. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Store, StoreOptions } from "../../src/contracts/mod.ts";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { anySteps, LimitsModel, type Step } from "./fixtures/limits_model.ts";

interface Place {
  readonly name: string;
  readonly runs: number;
  store(options: StoreOptions): Store;
}

const PLACES: readonly Place[] = [
  { name: "memory", runs: 1_000, store: (options) => memoryStore(options) },
];

for (const { name, runs, store } of PLACES) {
  Deno.test(`limits hold and hold up nothing else (${name})`, async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const clock = new FakeClock();
        const one = store({ clock });
        await one.open();
        try {
          await play(one, clock, steps);
        } finally {
          await one.close();
        }
      }),
      { numRuns: runs },
    );
  });
}

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
    const queues = await store.inspector.queues();
    if (queues.length === 0) break;
    clock.advance(500);
  }
  assertEquals(await store.inspector.queues(), []);
}
