/**
 * What workers say about themselves, in Celery's terms.
 *
 * @module
 */

import type { AutoscaleRange } from "./autoscale.ts";

/** A task as a worker that holds it knows it. */
export interface RequestInfo {
  /** The task id. */
  readonly id: string;
  /** The name of the task. */
  readonly name: string;
  /** Its arguments, as JSON; of a message above 10,000 characters its length. */
  readonly args: readonly unknown[];
  /** Its keyword arguments, as JSON. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The node name of the worker. */
  readonly hostname: string;
  /** When the worker received it, epoch ms. */
  readonly receivedAt: number;
  /** When it began to run, epoch ms; `null` if it has not. */
  readonly startedAt: number | null;
  /** The host process that it runs in; `null` without one. */
  readonly workerPid: number | null;
  /** Whether it was acknowledged before its run. */
  readonly acknowledged: boolean;
  /** How often it was retried. */
  readonly retries: number;
  /** How it came. */
  readonly deliveryInfo: {
    /** The queue. */
    readonly queue: string;
    /** 0 (first) to 9. */
    readonly priority: number;
    /** Whether a worker was lost with it before. */
    readonly redelivered: boolean;
  };
}

/** How far a task has come in a worker. */
export type Stage = "active" | "reserved" | "scheduled";

/** A worker's figures. */
export interface WorkerStats {
  /** Its process. */
  readonly pid: number;
  /** When it was started, epoch ms. */
  readonly startedAt: number;
  /** How long it runs, in seconds. */
  readonly uptime: number;
  /** How many tasks it has ended, by name. */
  readonly total: Readonly<Record<string, number>>;
  /** How many it has ended, by what came of them. */
  readonly ended: Readonly<Record<string, number>>;
  /** Its pool. */
  readonly pool: {
    /** `isolate` or `async`. */
    readonly implementation: string;
    /** Tasks at a time; with autoscale, by now. */
    readonly maxConcurrency: number;
    /** How many run. */
    readonly running: number;
    /** The ids of its host processes; none in the async pool. */
    readonly processes: readonly number[];
    /** Tasks until a host is replaced. */
    readonly maxTasksPerChild: number | null;
    /** Bytes above which a host is replaced. */
    readonly maxMemoryPerChild: number | null;
    /** Soft and hard limit of tasks that have none, in ms. */
    readonly timeouts: readonly [number | null, number | null];
  };
  /** The range of a pool that follows the work; `null` if its size is fixed. */
  readonly autoscaler: AutoscaleRange | null;
  /** Its store. */
  readonly broker: {
    /** The kind. */
    readonly transport: string;
    /** The address, secrets masked. */
    readonly address: string;
  };
  /** How many deliveries it would hold now. */
  readonly prefetchCount: number;
  /** Memory of its process, in bytes. */
  readonly rss: number;
}

/** The memory of a host process, in bytes. */
export interface HostMemory {
  /** The process. */
  readonly pid: number;
  /** What it holds; `null` where it did not say. */
  readonly rss: number | null;
}

/** What memory a worker held at a time, in bytes. */
export interface MemorySample {
  /** When, epoch ms. */
  readonly at: number;
  /** Of the worker's own process: what it holds of the machine's. */
  readonly rss: number;
  /** Of that, what its objects take. */
  readonly heapUsed: number;
  /** Of that, what is set aside for objects. */
  readonly heapTotal: number;
  /** The processes that tasks run in; none in the async pool. */
  readonly hosts: readonly HostMemory[];
}

/** How the memory of a worker has developed. */
export interface MemoryDump {
  /** The samples taken since the last dump, the oldest first. */
  readonly samples: readonly MemorySample[];
  /** What is held now. */
  readonly now: MemorySample;
}

/** What a worker has counted of one task since it was started. */
export interface TaskFigures {
  /** How many it was given, each delivery counted. */
  readonly received: number;
  /** How many runs it began. */
  readonly started: number;
  /** How many succeeded. */
  readonly succeeded: number;
  /** How many failed. */
  readonly failed: number;
  /** How many runs are to be repeated. */
  readonly retried: number;
  /** How many were revoked. */
  readonly revoked: number;
  /** Runs by how long they took; the bounds are those of the history. */
  readonly runs: readonly number[];
  /** How long all runs took together, in ms. */
  readonly runSum: number;
  /** How many run now. */
  readonly running: number;
  /** How many it holds that have not begun. */
  readonly waiting: number;
  /**
   * How long the one that began last, and still runs, had waited in the
   * worker, in ms; 0 when none runs.
   */
  readonly prefetched: number;
}

/** What the commands that ask answer. */
export interface InspectAnswers {
  /** Whether it is there. */
  readonly ping: { readonly ok: "pong" };
  /** What runs. */
  readonly active: readonly RequestInfo[];
  /** What waits for a slot. */
  readonly reserved: readonly RequestInfo[];
  /** What waits for its turn under a rate limit. */
  readonly scheduled: readonly RequestInfo[];
  /** The tasks that it knows. */
  readonly registered: readonly string[];
  /** Its figures. */
  readonly stats: WorkerStats;
  /** What it has counted, by task. */
  readonly taskFigures: Readonly<Record<string, TaskFigures>>;
  /** The queues that it serves. */
  readonly activeQueues: readonly { readonly name: string }[];
  /** What it holds that was revoked. */
  readonly revoked: readonly string[];
  /** How far these tasks have come; what it does not hold is left out. */
  readonly queryTask: Readonly<Record<string, readonly [Stage, RequestInfo]>>;
  /** Its settings, secrets masked. */
  readonly conf: Readonly<Record<string, unknown>>;
  /** Its platform, settings and versions as text. */
  readonly report: { readonly ok: string };
  /** What memory it holds; kept for the next dump. */
  readonly memsample: MemorySample;
  /** The samples since the last dump, which are forgotten with it. */
  readonly memdump: MemoryDump;
  /** The time of its machine, epoch ms. */
  readonly clock: { readonly clock: number };
}

/** A command that changes something: what was done, in a sentence. */
export interface Done {
  /** What was done. */
  readonly ok: string;
}
