/**
 * What has happened of late and what needs a person, as it is shown. Points in
 * time are epoch milliseconds, spans are milliseconds.
 *
 * @module
 */

import type { QueueRow, WorkerRow } from "./fleet.ts";
import type { TaskCounts, TaskRow } from "./tasks.ts";

/** What ended within a span of time. */
export interface HistoryPoint {
  /** When the span begins. */
  readonly at: number;
  /** Tasks that succeeded. */
  readonly succeeded: number;
  /** Tasks that failed. */
  readonly failed: number;
  /** Runs that are to be repeated. */
  readonly retried: number;
  /** Tasks that were revoked. */
  readonly revoked: number;
  /** Waiting time: half of the tasks waited less; `null` without any. */
  readonly waitP50: number | null;
  /** 95 of 100 waited less. */
  readonly waitP95: number | null;
  /** Run time: half of the tasks ran shorter. */
  readonly runP50: number | null;
  /** 95 of 100 ran shorter. */
  readonly runP95: number | null;
}

/** A span of time in equal steps, gaps filled with zeros. */
export interface History {
  /** The length of a step. */
  readonly step: number;
  /** The points, the earliest first; the last one is still filling. */
  readonly points: readonly HistoryPoint[];
}

/** Which history. */
export interface HistoryQuery {
  /** How far back. Defaults to an hour. */
  readonly span?: number | undefined;
  /** Of this task only. */
  readonly task?: string | undefined;
  /** Of this queue only. */
  readonly queue?: string | undefined;
}

/** Something that needs a person. */
export interface Attention {
  /** The rule: `no-consumer`, `old-queue`, `failing`, `silent-worker`, … */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: "high" | "medium" | "low";
  /** What it is about. */
  readonly subject: {
    readonly kind: "queue" | "worker" | "task" | "schedule" | "dead" | "store";
    readonly name: string;
  };
  /** A sentence with its arithmetic. */
  readonly text: string;
  /** Since when, as far as it is known. */
  readonly since: number | null;
}

/** What the first page shows. */
export interface Overview {
  /** When it was gathered. */
  readonly at: number;
  /** The kind of store of the tasks, such as `redis`, and its address, masked. */
  readonly store: { readonly kind: string; readonly address: string };
  /** What needs a person, the worst first. */
  readonly attention: readonly Attention[];
  /** Records by state. */
  readonly counts: TaskCounts;
  /** Sums over all queues. */
  readonly totals: {
    readonly queued: number;
    readonly scheduled: number;
    readonly running: number;
    readonly slots: number;
    readonly deadLetters: number | null;
    /** Per second, over the last minutes. */
    readonly succeededRate: number | null;
    readonly failedRate: number | null;
  };
  /** The last hour, by minute. */
  readonly history: History;
  /** The queues. */
  readonly queues: readonly QueueRow[];
  /** The workers. */
  readonly workers: readonly WorkerRow[];
  /** What runs, the longest first; the first 20. */
  readonly running: readonly TaskRow[];
  /** The latest failures; the first 20. */
  readonly failures: readonly TaskRow[];
  /** The node name of the beat that leads; `null` when none does. */
  readonly beat: string | null;
}
