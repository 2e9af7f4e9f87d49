/**
 * Queues and workers as they are shown. Points in time are epoch milliseconds,
 * spans are milliseconds.
 *
 * @module
 */

/** A queue. */
export interface QueueRow {
  /** Its name. */
  readonly name: string;
  /** Ready to be served. */
  readonly queued: number;
  /** Waiting for their eta. */
  readonly scheduled: number;
  /** Held by workers. */
  readonly running: number;
  /** Whether nothing is taken from it. */
  readonly paused: boolean;
  /** Since when its first task waits; `null` when none does. */
  readonly oldestAt: number | null;
  /** For how long that is. */
  readonly oldestAge: number | null;
  /** Tasks that ended per second, of the last minutes; `null` is not known. */
  readonly rate: number | null;
  /** The node names of live workers that serve it. */
  readonly consumers: readonly string[];
}

/** A worker. */
export interface WorkerRow {
  /** Its node name. */
  readonly name: string;
  /** The id of this start of it. */
  readonly id: string;
  /** Whether it was heard of within its lease. */
  readonly online: boolean;
  /** Its last heartbeat. */
  readonly seenAt: number;
  /** `isolate` or `async`; `""` when it is not known. */
  readonly pool: string;
  /** Tasks at a time; `null` when it is not known. */
  readonly concurrency: number | null;
  /** Tasks that it holds. */
  readonly held: number;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** Its process. */
  readonly pid: number | null;
  /** The version of Lovage. */
  readonly version: string | null;
  /** When it was started. */
  readonly startedAt: number | null;
  /** Tasks that it has ended, by outcome. */
  readonly ended: Readonly<Record<string, number>>;
}

/** Everything about one worker; what it must be asked for may be missing. */
export interface WorkerDetail extends WorkerRow {
  /** Why it did not answer; `null` when it did. */
  readonly silent: string | null;
  /** Memory of its process, in bytes. */
  readonly rss: number | null;
  /** How many deliveries it would hold now. */
  readonly prefetch: number | null;
  /** What runs in it. */
  readonly active: readonly HeldTask[];
  /** What waits in it for a slot or for its turn under a rate limit. */
  readonly reserved: readonly HeldTask[];
  /** The tasks that it knows, with what is set for them. */
  readonly registered: readonly string[];
  /** Tasks that it has ended, by name. */
  readonly totals: Readonly<Record<string, number>>;
  /** Its settings, secrets masked. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A task that a worker holds. */
export interface HeldTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its arguments as JSON text, cut. */
  readonly args: string;
  /** Its queue. */
  readonly queue: string;
  /** When the worker took it. */
  readonly receivedAt: number;
  /** How often it was retried. */
  readonly retries: number;
}
