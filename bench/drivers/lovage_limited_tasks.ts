/**
 * An app whose tasks have limits, and its worker's module.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import { leasingStore, type OnLease } from "./leases.ts";
import type { Payload } from "./lovage_tasks.ts";

/**
 * When a task ran (epoch ms); of one under a rate, when it was leased by the
 * clock of its store.
 */
export type Run = readonly [task: string, from: number, to: number];

/** Told of every task that runs in this isolate. */
export const seen = {
  ran: (_payload: Payload): void => {},
  runs: [] as Run[],
};

const url = Deno.env.get("BENCH_URL") ?? "";

const onLease: OnLease = (deliveries, at) => {
  for (const { task } of deliveries) {
    if (task === "bench.paced") seen.runs.push(["paced", at, at]);
  }
};

export const app = new Lovage(
  "bench",
  Deno.env.get("BENCH_LEASES") === "1"
    ? await leasingStore(url, onLease)
    : { brokerUrl: url },
);

const now = () => performance.timeOrigin + performance.now();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Has no limits; its result is stored. */
export const noop = app.task("bench.noop", (payload: Payload): number => {
  seen.ran(payload);
  return payload.n;
});

/** A hundred a second, in all workers together. */
export const paced = app.task("bench.paced", {
  rateLimit: { limit: "100/s", scope: "cluster" },
}, () => {});

/** Three at a time, in all workers together. */
export const three = app.task("bench.three", { concurrency: 3 }, async () => {
  const from = now();
  await pause(5 + Math.random() * 20);
  seen.runs.push(["three", from, now()]);
});
