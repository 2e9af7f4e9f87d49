/**
 * How many no-op jobs the pools run per second, in one run on one machine:
 * trust the ratio, not the figures.
 *
 * ```sh
 * deno run -A bench/pool.ts
 * ```
 *
 * @module
 */

import type { Clock } from "../src/contracts/clock.ts";
import { AsyncPool } from "../src/worker/pool/async.ts";
import { IsolatePool } from "../src/worker/pool/isolate.ts";
import type { Job, Pool, PoolEvents } from "../src/worker/pool/pool.ts";
import { loadRunner } from "./fixtures/noop_runner.ts";

const JOBS = 200_000;
const IN_FLIGHT = 2_000;
const ROUNDS = 3;

const clock: Clock = {
  now: () => Date.now(),
  timer(ms, callback) {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  },
};

const body = JSON.stringify({
  v: 1,
  id: crypto.randomUUID(),
  task: "noop",
  args: [1, "two", { three: [4, 5] }],
  headers: { trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
});

let key = 0;

function nextJobs(count: number): Job[] {
  return Array.from({ length: count }, () => ({
    key: ++key,
    id: `noop-${key}`,
    task: "noop",
    body,
    delivery: {
      queue: "default",
      priority: 5,
      losses: 0,
      softLimit: null,
      hardLimit: null,
    },
    softLimit: null,
    hardLimit: null,
    reportStart: false,
    walls: { permissions: null, memoryLimit: null },
  }));
}

/** Keeps jobs in flight, in refills of a half, until all have ended. */
class Drain implements PoolEvents {
  pool: Pool | null = null;
  #left = 0;
  #inFlight = 0;
  #done = () => {};

  async run(jobs: number): Promise<number> {
    const done = new Promise<void>((resolve) => this.#done = resolve);
    const began = performance.now();
    this.#left = jobs;
    this.#refill();
    await done;
    return jobs / (performance.now() - began) * 1000;
  }

  started(): void {}

  returned(): void {}

  told(): void {}

  ended(): void {
    if (--this.#inFlight <= IN_FLIGHT / 2) this.#refill();
    if (this.#inFlight === 0) this.#done();
  }

  #refill(): void {
    const count = Math.min(IN_FLIGHT - this.#inFlight, this.#left);
    if (count === 0) return;
    this.#left -= count;
    this.#inFlight += count;
    this.pool?.submit(nextJobs(count));
  }
}

const asyncDrain = new Drain();
const asyncPool = asyncDrain.pool = new AsyncPool({
  slots: 100,
  runner: loadRunner(),
  hostname: "worker@bench",
  events: asyncDrain,
  clock,
});
const isolateDrain = new Drain();
const isolatePool = isolateDrain.pool = new IsolatePool({
  slots: 2,
  module: new URL("./fixtures/noop_runner.ts", import.meta.url).href,
  runnerModule: new URL("./fixtures/noop_runner.ts", import.meta.url).href,
  hostname: "worker@bench",
  events: isolateDrain,
  clock,
  store: null,
});

await isolatePool.start();
await asyncDrain.run(JOBS / 10);
await isolateDrain.run(JOBS / 10);
for (let round = 1; round <= ROUNDS; round++) {
  const inProcess = await asyncDrain.run(JOBS);
  const isolated = await isolateDrain.run(JOBS);
  console.log(
    `round ${round}: async ${Math.round(inProcess)}/s, isolate (2 slots) ` +
      `${Math.round(isolated)}/s, ratio ${(isolated / inProcess).toFixed(2)}`,
  );
}
await isolatePool.stop("warm");
await asyncPool.stop("warm");
