/**
 * How soon a task that is sent to an idle worker starts, and how soon its
 * caller has the result; sender and worker are two processes.
 *
 * @module
 */

import { runDriver } from "../processes.ts";
import { quantile } from "../samples.ts";
import { WorkerGroup } from "../worker_group.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const LATENCY = {
  pickup50: "pickup p50, ms",
  pickup99: "pickup p99, ms",
  trip50: "round trip p50, ms",
} as const;

const TASKS = 400;
const WARM = 50;
const GAP_MS = 5;

/** Measures both. */
export async function measureLatency(turn: Turn): Promise<void> {
  const { contestant, server, scale, note } = turn;
  const url = await server.fresh();
  const settings = { url, results: contestant.drains.includes("results") };
  const variant = contestant.variants[0] ?? "";
  // What must be created is there before the worker looks for it.
  await runDriver(contestant.producer("pickups", {
    ...{ ...settings, count: 0, gap: 0 },
  }));
  await using worker = new WorkerGroup([
    contestant.worker({ ...settings, variant, notify: true }),
  ]);
  await worker.ready();
  const count = scale(TASKS) + WARM;
  await runDriver(contestant.producer("pickups", {
    ...{ ...settings, count, gap: GAP_MS },
  }));
  await worker.until(
    () => worker.pickups.length >= count,
    `pick up ${count} tasks`,
  );
  const sorted = worker.pickups.slice(WARM).sort((a, b) => a - b);
  note(LATENCY.pickup50, quantile(sorted, 0.5));
  note(LATENCY.pickup99, quantile(sorted, 0.99));
  if (!contestant.answers) return;
  const { times } = await runDriver(contestant.producer("calls", {
    ...{ ...settings, count: scale(TASKS), warm: WARM },
  }));
  const trips = (times as number[]).sort((a, b) => a - b);
  note(LATENCY.trip50, quantile(trips, 0.5));
}
