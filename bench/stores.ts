/**
 * What the stores do per second by themselves, without producer or worker:
 * batches published, reserved and settled, and what that costs client and
 * server. First empty, then with a long backlog, to see that nothing grows.
 *
 * ```sh
 * deno run -A bench/stores.ts [store] [backlog]
 * ```
 *
 * @module
 */

import type { Store } from "../src/contracts/mod.ts";
import { costOf } from "./cost.ts";
import { openStore } from "./open_store.ts";
import { messages, resultOf } from "./raw_tasks.ts";
import { type BenchServer, startServer, type StoreName } from "./servers.ts";

const SIZES = [1, 100, 500, 1_000];
const TASKS = 30_000;
const MOST_CALLS = 1_000;
const LOAD_BATCH = 5_000;
const A_DAY = 86_400_000;
const CONSUMER = "bench";
const STORES: readonly StoreName[] = ["sqlite", "redis", "postgres"];

type Call = (size: number) => Promise<unknown>;

/** Measures one store. */
async function measureStore(name: StoreName, backlog: number): Promise<void> {
  const server = await startServer(name);
  const store = await openStore(await server.fresh());
  try {
    console.log(`\n${server.about}`);
    // Once for nothing, so that all is warm.
    await measure(store, server, () => {});
    await measure(store, server, console.log);
    await load(store, backlog);
    const size = backlog.toLocaleString("en");
    console.log(`${size} queued, as many scheduled, twice as many results`);
    await measure(store, server, console.log);
    await glance(store);
  } finally {
    await store.close();
    await server.stop();
  }
}

async function measure(
  store: Store,
  { pids }: BenchServer,
  report: (line: string) => void,
): Promise<void> {
  const calls: Record<string, Call> = {
    publish: (size) => store.broker.publish(messages(size)),
    work: (size) => work(store, size, false),
    "publish again": (size) => store.broker.publish(messages(size)),
    "work with results": (size) => work(store, size, true),
  };
  for (const size of SIZES) {
    for (const [name, call] of Object.entries(calls)) {
      const times = Math.min(TASKS / size, MOST_CALLS);
      const before = { own: costOf([Deno.pid]).cpu, theirs: costOf(pids).cpu };
      const start = performance.now();
      for (let n = 0; n < times; n++) await call(size);
      const seconds = (performance.now() - start) / 1000;
      const per = (cpu: number) => (cpu / times / size * 10_000).toFixed(3);
      const rate = Math.round(times * size / seconds).toLocaleString("en");
      report(
        `  ${name.padEnd(17)} by ${String(size).padStart(5)}: ` +
          `${rate.padStart(9)}/s, CPU per 10,000: ` +
          `client ${per(costOf([Deno.pid]).cpu - before.own)} s, ` +
          `server ${per(costOf(pids).cpu - before.theirs)} s`,
      );
    }
  }
}

/** Reserves and settles a batch. */
async function work(
  store: Store,
  size: number,
  results: boolean,
): Promise<void> {
  const deliveries = await store.broker.reserve({
    ...{ consumer: CONSUMER, queues: ["default"], limit: size },
    ...{ wait: false, signal: new AbortController().signal },
  });
  if (deliveries.length !== size) throw new Error("Too few deliveries");
  const held = await store.broker.settle(
    CONSUMER,
    deliveries.map((delivery) => ({
      ...{ id: delivery.id, token: delivery.token },
      action: { kind: "ack" as const },
      result: results ? resultOf(delivery, A_DAY) : undefined,
    })),
  );
  if (!held.every((one) => one)) throw new Error("A lease was lost");
}

async function load(store: Store, backlog: number): Promise<void> {
  for (let left = backlog; left > 0; left -= LOAD_BATCH) {
    const size = Math.min(left, LOAD_BATCH);
    const eta = Date.now() + A_DAY + left;
    await store.broker.publish(messages(size));
    await store.broker.publish(messages(size, (n) => eta + n));
    await store.results.store(
      messages(2 * size).map((one) => resultOf(one, A_DAY + left)),
    );
  }
}

/** How long it takes to look at all of it. */
async function glance(store: Store): Promise<void> {
  const page = { limit: 100 };
  const calls: Record<string, () => Promise<unknown>> = {
    "counts per queue": () => store.inspector.queues(),
    "counts by state": () => store.results.countByState(),
    "a page of queued": () => store.inspector.tasks({ status: "queued" }, page),
    "a page of scheduled": () =>
      store.inspector.tasks({ status: "scheduled" }, page),
    "results of no task": () => store.results.query({ task: "none" }, page),
  };
  for (const [name, call] of Object.entries(calls)) {
    const start = performance.now();
    await call();
    console.log(`  ${name}: ${(performance.now() - start).toFixed(1)} ms`);
  }
}

const [wanted, backlog = "500000"] = Deno.args;
const chosen = STORES.filter((name) => wanted === undefined || name === wanted);
if (chosen.length === 0) {
  console.error(`There is no store "${wanted}"; try ${STORES.join(", ")}`);
  Deno.exit(2);
}
for (const name of chosen) await measureStore(name, Number(backlog));
