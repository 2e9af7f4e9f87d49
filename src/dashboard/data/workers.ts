/**
 * The workers: from their heartbeats, and, for one of them, from what it
 * answers itself.
 *
 * @module
 */

import type { ConsumerStats } from "../../contracts/inspector.ts";
import { isWorker } from "../../control/explain/workers.ts";
import type { Control } from "../../control/control.ts";
import type { RequestInfo } from "../../control/facts.ts";
import type { Replies } from "../../control/replies.ts";
import type { OpenStores } from "../../producer/stores.ts";
import { cut } from "./task_row.ts";
import type { HeldTask, WorkerDetail, WorkerRow } from "./types/fleet.ts";

/** Of a worker that does not answer in this time, only the store is known. */
const PATIENCE = "800ms";

/** All workers, by name. What only relays an outbox is none. */
export async function listWorkers(
  { broker }: OpenStores,
  now: number,
): Promise<readonly WorkerRow[]> {
  const consumers = await broker.inspector.consumers();
  return consumers.filter(isWorker)
    .map((consumer) => rowOf(consumer, now));
}

function rowOf(consumer: ConsumerStats, now: number): WorkerRow {
  const { id, name, lease, seenAt, held, details } = consumer;
  const text = (key: string) =>
    typeof details[key] === "string" ? details[key] : null;
  const number = (key: string) =>
    typeof details[key] === "number" ? details[key] : null;
  const { queues, ended } = details;
  return {
    name,
    id,
    online: now - seenAt <= lease,
    seenAt,
    pool: text("pool") ?? "",
    concurrency: number("concurrency"),
    held,
    queues: Array.isArray(queues) ? queues.map(String) : [],
    pid: number("pid"),
    version: text("version"),
    startedAt: number("startedAt"),
    ended: typeof ended === "object" && ended !== null
      ? ended as Record<string, number>
      : {},
  };
}

/** Everything about one worker. */
export async function findWorker(
  control: Control,
  row: WorkerRow,
): Promise<WorkerDetail> {
  if (!row.online) {
    return { ...row, ...NOTHING, silent: "It is not heard of any more" };
  }
  const { name } = row;
  const ask = control.inspect({ destination: [name], timeout: PATIENCE });
  const [stats, active, reserved, scheduled, registered, conf] = await Promise
    .all([
      ask.stats(),
      ask.active(),
      ask.reserved(),
      ask.scheduled(),
      ask.registered(),
      ask.conf(),
    ]);
  const figures = stats.replies[name];
  return {
    ...row,
    silent: silenceOf(name, stats),
    rss: figures?.rss ?? null,
    prefetch: figures?.prefetchCount ?? null,
    concurrency: figures?.pool.maxConcurrency ?? row.concurrency,
    active: (active.replies[name] ?? []).map(heldTask),
    reserved: [
      ...reserved.replies[name] ?? [],
      ...scheduled.replies[name] ?? [],
    ].map(heldTask),
    registered: registered.replies[name] ?? [],
    totals: figures?.total ?? {},
    settings: conf.replies[name] ?? {},
  };
}

const NOTHING = {
  rss: null,
  prefetch: null,
  active: [],
  reserved: [],
  registered: [],
  totals: {},
  settings: {},
} as const;

function silenceOf(name: string, { replies, errors }: Replies<unknown>) {
  if (name in replies) return null;
  return errors[name] ?? "It did not answer in time";
}

function heldTask(
  { id, name, args, receivedAt, retries, deliveryInfo }: RequestInfo,
): HeldTask {
  const text = cut(JSON.stringify(args)) ?? "";
  return {
    id,
    name,
    args: text,
    queue: deliveryInfo.queue,
    receivedAt,
    retries,
  };
}
