/**
 * What Flower answers. Times are in seconds.
 *
 * @module
 */

import { z } from "zod";
import { count, counts, named, textOrNull, values } from "../answers/named.ts";

const secondsOrNull = z.number().nullable().describe("Epoch seconds");

const task = z.object({
  uuid: z.string(),
  name: z.string(),
  state: z.string(),
  args: textOrNull.describe("JSON text, cut in lists"),
  kwargs: z.string().describe("JSON text"),
  result: textOrNull.describe("JSON text, cut"),
  exception: textOrNull,
  traceback: textOrNull,
  worker: textOrNull,
  retries: count,
  eta: textOrNull,
  expires: textOrNull,
  sent: secondsOrNull,
  received: secondsOrNull,
  started: secondsOrNull,
  succeeded: secondsOrNull,
  failed: secondsOrNull,
  retried: secondsOrNull,
  revoked: secondsOrNull,
  rejected: secondsOrNull,
  runtime: z.number().nullable().describe("Seconds"),
  timestamp: secondsOrNull,
  exchange: textOrNull,
  routing_key: textOrNull.describe("The queue"),
  client: textOrNull.describe("The node that sent it"),
  root: textOrNull,
  root_id: textOrNull,
  parent: textOrNull,
  parent_id: textOrNull,
  children: z.array(z.string()).describe("The ids of what it sent or led to"),
  clock: z.number(),
});

/** A task as Flower's API has it. */
export type FlowerTask = z.infer<typeof task>;

/** One task. */
export const flowerTask: z.ZodType<FlowerTask> = named("FlowerTask", task);

/** Tasks by id, in order. */
export const flowerTasks: z.ZodType<Record<string, FlowerTask>> = named(
  "FlowerTasks",
  z.record(z.string(), flowerTask),
);

/** A result. */
export const flowerResult: z.ZodType<FlowerResult> = named(
  "FlowerResult",
  z.object({
    "task-id": z.string(),
    state: z.string(),
    result: z.unknown().optional().describe("Absent until it has ended"),
    traceback: textOrNull.optional().describe("Of a failure"),
  }),
);

/** State and result of a task. */
export interface FlowerResult {
  readonly "task-id": string;
  readonly state: string;
  readonly result?: unknown;
  readonly traceback?: string | null | undefined;
}

/** What was sent. */
export const flowerSent: z.ZodType<FlowerResult> = named(
  "FlowerSent",
  z.object({ "task-id": z.string(), state: z.string() }),
);

/** What was done, in a sentence. */
export const flowerMessage: z.ZodType<{ readonly message: string }> = named(
  "FlowerMessage",
  z.object({ message: z.string() }),
);

/** How long queues are. */
export const flowerQueues: z.ZodType<{
  readonly active_queues: readonly {
    readonly name: string;
    readonly messages: number;
  }[];
}> = named(
  "FlowerQueues",
  z.object({
    active_queues: z.array(z.object({ name: z.string(), messages: count })),
  }),
);

/** The names of tasks. */
export const flowerTypes: z.ZodType<
  { readonly "task-types": readonly string[] }
> = named(
  "FlowerTypes",
  z.object({ "task-types": z.array(z.string()) }),
);

const request = z.object({
  id: z.string(),
  name: z.string(),
  args: z.array(z.unknown()),
  kwargs: values,
  type: z.string(),
  hostname: z.string(),
  time_start: secondsOrNull,
  acknowledged: z.boolean(),
  delivery_info: z.object({
    exchange: z.string(),
    routing_key: z.string(),
    priority: count,
    redelivered: z.boolean(),
  }),
  worker_pid: z.int().nullable(),
});

/** A task that a worker holds. */
export type FlowerRequest = z.infer<typeof request>;

const worker = z.object({
  stats: z.object({
    broker: z.object({ transport: z.string(), hostname: z.string() }),
    pid: z.int(),
    pool: z.object({
      implementation: z.string(),
      "max-concurrency": count,
      "max-tasks-per-child": z.union([count, z.literal("N/A")]),
      processes: z.array(z.int()),
      timeouts: z.tuple([z.number(), z.number()]).describe("Seconds; 0: none"),
    }),
    prefetch_count: count,
    rusage: z.object({ maxrss: count.describe("KiB in use") }),
    total: counts,
    uptime: z.number().describe("Seconds"),
  }).optional(),
  active_queues: z.array(
    z.object({ name: z.string(), routing_key: z.string() }),
  ),
  conf: values,
  registered: z.array(z.string()),
  active: z.array(request),
  reserved: z.array(request),
  scheduled: z.array(z.object({
    eta: textOrNull,
    priority: count,
    request,
  })).describe("What waits for its turn under a rate limit"),
  revoked: z.array(z.string()),
  timestamp: z.number(),
});

/** A worker as Flower's API has it. */
export type FlowerWorker = z.infer<typeof worker>;

/** Workers by name; with `status`, whether they are there. */
export const flowerWorkers: z.ZodType<
  Record<string, FlowerWorker> | Record<string, boolean>
> = named(
  "FlowerWorkers",
  z.union([
    z.record(z.string(), named("FlowerWorker", worker)),
    z.record(z.string(), z.boolean()),
  ]),
);
