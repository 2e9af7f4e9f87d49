/**
 * The inspector port: read-only views of live tasks, queues and consumers.
 *
 * @module
 */

import type { ConsumerInfo, Message } from "./broker.ts";
import type { Limit, LimitState } from "./limits.ts";
import type { Page, PageRequest } from "./result_backend.ts";

/** Where a live task is. */
export type LiveStatus = "queued" | "scheduled" | "running";

/** A live task. */
export interface LiveTask extends Message {
  /** Where it is. `running` is leased: held by a worker, started or not. */
  readonly status: LiveStatus;
  /** The id of the consumer that holds it. */
  readonly consumer: string | null;
  /** How often a lease of it was lost. */
  readonly losses: number;
  /** Whether it was cancelled. */
  readonly cancelled: boolean;
}

/** How many tasks are where in a queue. */
export interface QueueStats {
  /** The queue. */
  readonly queue: string;
  /** Ready to be served, also what limits hold back. */
  readonly queued: number;
  /** Waiting for their eta. */
  readonly scheduled: number;
  /** Held by workers. */
  readonly running: number;
  /** Whether nothing is taken from it. */
  readonly paused: boolean;
}

/** A consumer and when it was last heard of. */
export interface ConsumerStats extends ConsumerInfo {
  /** Its last heartbeat (epoch ms). */
  readonly seenAt: number;
  /** How many tasks it holds. */
  readonly held: number;
}

/** Which live tasks to list. */
export interface LiveFilter {
  /** Where they are. */
  readonly status: LiveStatus;
  /** In this queue only. */
  readonly queue?: string | undefined;
}

/** Reads what the store knows, without asking any worker. */
export interface Inspector {
  /** Finds live tasks in the order of the ids. */
  find(ids: readonly string[]): Promise<readonly (LiveTask | undefined)[]>;
  /** Lists live tasks in the order of arrival (scheduled: by eta). */
  tasks(filter: LiveFilter, page: PageRequest): Promise<Page<LiveTask>>;
  /** How limits stand, in the order of the question. */
  limits(limits: readonly Limit[]): Promise<readonly LimitState[]>;
  /** Counts per queue, by name of the queue; a paused one is listed in any case. */
  queues(): Promise<readonly QueueStats[]>;
  /** The consumers that have sent a heartbeat, by name. */
  consumers(): Promise<readonly ConsumerStats[]>;
}
