/** Whatever happens to messages with limits: see the model. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { postgresStore } from "../../adapters/postgres/mod.ts";
import { redisStore } from "../../adapters/redis/mod.ts";
import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import type { Store, StoreOptions } from "../../src/contracts/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { missing, Servers } from "../app/fixtures/servers.ts";
import { anySteps, LimitsModel, type Step } from "./fixtures/limits_model.ts";
import { newSchema } from "./fixtures/postgres_suite.ts";
import { searchedBriefly } from "../_properties.ts";

interface Place {
  readonly name: string;
  /** How often: as often as takes some seconds. */
  readonly runs: number;
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined;
  store(options: StoreOptions): Store | Promise<Store>;
  dispose?(): void;
}

const servers = new Servers();

let directory = "";

const PLACES: readonly Place[] = [
  { name: "memory", runs: 1_000, store: (options) => memoryStore(options) },
  {
    name: "sqlite",
    runs: 100,
    store(options) {
      directory = Deno.makeTempDirSync();
      return sqliteStore({ ...options, path: `${directory}/lovage.db` });
    },
    dispose: () => Deno.removeSync(directory, { recursive: true }),
  },
  {
    name: "redis",
    runs: 200,
    missing,
    async store(options) {
      const { url } = await servers.redis();
      return redisStore({ ...options, url, prefix: crypto.randomUUID() });
    },
  },
  {
    name: "postgres",
    runs: 30,
    missing,
    async store(options) {
      const url = (await servers.postgres()).url();
      return postgresStore({ ...options, url, schema: newSchema() });
    },
  },
];

for (const { name, runs, missing, store, dispose } of PLACES) {
  Deno.test({
    name: `limits hold and hold up nothing else (${missing ?? name})`,
    ignore: missing !== undefined,
    async fn() {
      await fc.assert(
        fc.asyncProperty(
          anySteps,
          searchedBriefly(async (steps) => {
            const clock = new FakeClock();
            const one = await store({ clock });
            await one.open();
            try {
              await play(one, clock, steps);
            } finally {
              await one.close();
              dispose?.();
            }
          }),
        ),
        { numRuns: runs },
      );
    },
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
