/**
 * What is answered about queues and workers.
 *
 * @module
 */

import { z } from "zod";
import type {
  HeldTask,
  QueueRow,
  WorkerDetail,
  WorkerRow,
} from "../../data/types/fleet.ts";
import {
  count,
  counts,
  instant,
  instantOrNull,
  named,
  spanOrNull,
  textOrNull,
  values,
} from "./named.ts";

/** A queue. */
export const queueRow: z.ZodType<QueueRow> = named(
  "Queue",
  z.object({
    name: z.string(),
    queued: count.describe("Ready to be served"),
    scheduled: count.describe("Waiting for their eta"),
    running: count.describe("Held by workers"),
    paused: z.boolean(),
    oldestAt: instantOrNull.describe("Since when its first task waits"),
    oldestAge: spanOrNull,
    rate: z.number().nullable().describe("Tasks that ended per second"),
    consumers: z.array(z.string()).describe("The live workers that serve it"),
  }),
);

/** All queues. */
export const queueList: z.ZodType<readonly QueueRow[]> = named(
  "Queues",
  z.array(queueRow),
);

const worker = {
  name: z.string().describe("Its node name"),
  id: z.string().describe("The id of this start of it"),
  online: z.boolean().describe("Whether it was heard of within its lease"),
  seenAt: instant,
  pool: z.string().describe("isolate or async; empty when it is not known"),
  concurrency: count.nullable().describe("Tasks at a time"),
  held: count.describe("Tasks that it holds"),
  queues: z.array(z.string()),
  pid: z.int().nullable(),
  version: textOrNull,
  startedAt: instantOrNull,
  ended: counts.describe("Tasks that it has ended, by outcome"),
};

/** A worker. */
export const workerRow: z.ZodType<WorkerRow> = named(
  "Worker",
  z.object(worker),
);

/** All workers. */
export const workerList: z.ZodType<readonly WorkerRow[]> = named(
  "Workers",
  z.array(workerRow),
);

const heldTask: z.ZodType<HeldTask> = named(
  "HeldTask",
  z.object({
    id: z.string(),
    name: z.string(),
    args: z.string().describe("Arguments as JSON text, cut"),
    queue: z.string(),
    receivedAt: instant,
    retries: count,
  }),
);

/** Everything about one worker. */
export const workerDetail: z.ZodType<WorkerDetail> = named(
  "WorkerDetail",
  z.object({
    ...worker,
    silent: textOrNull.describe("Why it did not answer; null when it did"),
    rss: count.nullable().describe("Memory of its process, in bytes"),
    prefetch: count.nullable().describe("How many deliveries it would hold"),
    active: z.array(heldTask),
    reserved: z.array(heldTask),
    registered: z.array(z.string()),
    totals: counts.describe("Tasks that it has ended, by name"),
    settings: values,
  }),
);
