/**
 * An app whose tasks have limits, and its worker's module.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import type { Payload } from "./lovage_tasks.ts";

/** When a task ran (epoch ms). */
export type Run = readonly [task: string, from: number, to: number];

/** Told of every task that runs in this isolate. */
export const seen = {
  ran: (_payload: Payload): void => {},
  runs: [] as Run[],
};

export const app = new Lovage("bench", {
  brokerUrl: Deno.env.get("BENCH_URL") ?? "",
});

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
