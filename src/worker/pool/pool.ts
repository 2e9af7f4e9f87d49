/**
 * Where tasks run. A pool takes jobs, runs them in its slots and reports what
 * came of each; it knows nothing of brokers and results.
 *
 * @module
 */

import type { HostMemory } from "../../control/facts.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Envelope } from "../../message/envelope.ts";
import type { Outcome } from "../outcome.ts";
import type { CustomEvent, DeliveryInfo } from "../runner.ts";

/** Walls around a job; jobs of different walls never share an isolate. */
export interface Walls {
  /**
   * Deno permissions of the isolate as canonical JSON (what a Web Worker takes
   * as `deno.permissions`); `null` is those of the worker.
   */
  readonly permissions: string | null;
  /** Memory that the task's host may hold, in bytes; `null` is the pool's. */
  readonly memoryLimit: number | null;
}

/** One task to run. */
export interface Job {
  /** Identifies the job in this pool; ascending. */
  readonly key: number;
  /** The task id. */
  readonly id: string;
  /** The task's name. */
  readonly task: string;
  /** The envelope as it was received. */
  readonly body: string;
  /** The envelope decoded, for pools in the worker's own isolate. */
  readonly envelope?: Envelope | undefined;
  /** How it came to the worker. */
  readonly delivery: DeliveryInfo;
  /** Interrupt with `soft-limit` after so many ms of running. */
  readonly softLimit: number | null;
  /** End by force after so many ms of running. */
  readonly hardLimit: number | null;
  /** Whether the start is to be reported. */
  readonly reportStart: boolean;
  /** What it may do. */
  readonly walls: Walls;
  /**
   * Whether it goes before those that wait, in the order of their coming: it
   * holds room of a limit that others may wait for. Defaults to `false`.
   */
  readonly first?: boolean | undefined;
}

/** What a pool reports. None of these may throw. */
export interface PoolEvents {
  /** A job with `reportStart` began at this time (epoch ms). */
  started(job: Job, at: number): void;
  /** A job that runs has something to tell those who watch. */
  told(job: Job, event: CustomEvent): void;
  /** A job ended. Called once for every job that was not returned. */
  ended(job: Job, outcome: Outcome): void;
  /** A job that was not started was given back. */
  returned(job: Job): void;
}

/** How a pool stops: `warm` finishes what runs, `cold` ends it at once. */
export type StopMode = "warm" | "cold";

/** How a job runs. */
export interface JobRun {
  /** When it began (epoch ms). */
  readonly startedAt: number;
  /** The process that it runs in; `null` is the worker's own. */
  readonly pid: number | null;
}

/** Runs jobs in slots. */
export interface Pool {
  /** How many jobs can run at a time. */
  readonly slots: number;
  /** The keys of the jobs that run. */
  readonly running: ReadonlySet<number>;
  /** How a job runs; `undefined` for one that does not. */
  runOf(key: number): JobRun | undefined;
  /** The ids of the processes that its jobs run in, beside the worker's own. */
  readonly pids: readonly number[];
  /** What it cannot enforce, in sentences for the start-up banner. */
  readonly warnings: readonly string[];
  /** Prepares the slots. Resolves when the first can run jobs. */
  start(): Promise<void>;
  /**
   * Takes jobs. They wait in the pool until a slot is free; how many to hand
   * over is the caller's business.
   */
  submit(jobs: readonly Job[]): void;
  /** Gives back (by `returned`) every job that has not been started. */
  recall(): void;
  /** Interrupts a running job; one that has not started ends as revoked. */
  interrupt(key: number, reason: InterruptReason): void;
  /**
   * Changes how many jobs can run at a time. With fewer slots, what runs
   * comes to its end.
   */
  resize(slots: number): void;
  /**
   * Replaces what jobs run in, each once they have come to their end: code is
   * loaded anew.
   *
   * @throws {ConfigError} where jobs run in the worker's own process
   */
  restart(): void;
  /** How much memory its processes hold; none where it has none. */
  measure(): Promise<readonly HostMemory[]>;
  /** Ends a job by force with this outcome, whatever it is doing. */
  kill(key: number, outcome: Outcome): void;
  /** Stops: recalls what has not started, then lets go of the slots. */
  stop(mode: StopMode): Promise<void>;
}
