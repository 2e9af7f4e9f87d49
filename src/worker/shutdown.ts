/**
 * How a worker comes to its end, in order.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { WorkerEvent } from "../events.ts";
import type { Internals } from "../internals.ts";
import { pause } from "../service/clock.ts";
import { type Service, stopAll } from "../service/service.ts";
import type { Machinery } from "./machinery.ts";
import type { StopMode } from "./pool/pool.ts";

const log = getLogger(["lovage", "worker"]);

// A cold stop tries so long (ms) to store what is left to be stored.
const LAST_TRY = 3000;

// With nothing left to be stored, it tries so long (ms) to take its leave.
const FAREWELL = 5000;

// So long (ms) may those take who listen for its end.
const LAST_WORDS = 2000;

/**
 * Brings a worker to its end. First nothing new comes in, then what runs comes
 * to its end, then what came of it is stored; the heartbeat keeps the leases
 * until all of it is.
 *
 * @param services what goes on besides its tasks
 * @param cold resolves when what runs is to be given back
 */
export async function windDown(
  worker: Machinery,
  services: readonly Service[],
  cold: Promise<void>,
): Promise<void> {
  await worker.consumer.stop();
  worker.executor.recallLimited();
  worker.autoscaler.stop();
  const ended = await endRuns(worker, cold);
  await storeRest(worker, ended === "warm" ? cold : Promise.resolve());
  await takeLeave(worker, services);
}

/** Tells those who listen that a worker has ended. */
export async function tellEnd(
  { hooks, clock, telemetry }: Internals,
  event: WorkerEvent,
): Promise<void> {
  telemetry.current?.flush();
  const over = new AbortController();
  await Promise.race([
    hooks.tell("workerShutdown", event),
    pause(clock(), LAST_WORDS, over.signal),
  ]);
  over.abort();
}

async function endRuns(
  { executor, pool, parts }: Machinery,
  cold: Promise<void>,
): Promise<StopMode> {
  const { app, plan: { shutdownTimeout } } = parts;
  const warm = pool.stop("warm").then(() => "done");
  const over = new AbortController();
  const late = shutdownTimeout === null
    ? new Promise<never>(() => {})
    : pause(app.clock(), shutdownTimeout, over.signal);
  const first = await Promise.race([warm, cold, late]);
  over.abort();
  if (first === "done") return "warm";
  log.warn(
    "Still running: {count}. What runs goes back to its queue, unless it runs at most once (acksLate: false)",
    { count: executor.held },
  );
  await pool.stop("cold");
  return "cold";
}

/** Stores what came of tasks: as long as it takes, or briefly when cold. */
async function storeRest(
  { settler, parts }: Machinery,
  cold: Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const clock = parts.app.clock();
  await Promise.race([
    settler.idle(),
    cold.then(() => pause(clock, LAST_TRY, over.signal)),
  ]);
  over.abort();
  // What a store that is away has not taken by now, it does not get.
  settler.abandon();
}

// Each of these has the patience for a store that is away, but who stops a
// worker has not: Kubernetes kills it after half a minute.
async function takeLeave(
  worker: Machinery,
  services: readonly Service[],
): Promise<void> {
  const over = new AbortController();
  const left = stopAll(services).then(() => leave(worker, over.signal));
  const late = pause(worker.parts.app.clock(), FAREWELL, over.signal)
    .then(() => "late");
  try {
    if (await Promise.race([left, late]) !== "late") return;
  } finally {
    over.abort();
  }
  left.catch(() => {});
  log.warn(
    "The worker could not take its leave within {seconds} s; its leases lapse by themselves",
    { seconds: FAREWELL / 1000 },
  );
}

/** @param over aborted when it is too late, which has been said by then */
async function leave(
  { id, parts: { stores } }: Machinery,
  over: AbortSignal,
): Promise<void> {
  try {
    await stores.broker.broker.leave(id);
  } catch (error) {
    if (over.aborted) return;
    log.warn(
      "The worker could not take its leave; its leases lapse by themselves: {error}",
      { error: String(error) },
    );
  }
}
