/**
 * What checks look at.
 *
 * @module
 */

import type { Settings } from "../../settings.ts";
import type { QueueStats } from "../../contracts/inspector.ts";
import type { TaskOptions } from "../../task_options.ts";
import type { TaskPolicy } from "../../task_policy.ts";
import type { KnownWorker } from "../explain/workers.ts";

/** The code and the settings of an app. */
export interface AppContext {
  /** Its settings. */
  readonly settings: Settings;
  /** Its tasks, by name. */
  readonly tasks: readonly CheckedTask[];
  /** The queues that its settings, routes and tasks name. */
  readonly queues: readonly string[];
  /** The schedule entries of its code. */
  readonly entries: readonly string[];
  /** Why its schedule entries cannot be read, if that is so. */
  readonly entriesError: string | null;
}

/** A task of the app. */
export interface CheckedTask {
  /** Its name. */
  readonly name: string;
  /** What it was defined with. */
  readonly options: TaskOptions;
  /** How it is run. */
  readonly policy: TaskPolicy;
  /** Where it goes; `null` where its arguments decide. */
  readonly queue: string | null;
}

/** A store. */
export interface StoreContext {
  /** Its address, without secrets. */
  readonly address: string;
  /** Whether what it accepted survives. */
  readonly durable: boolean;
  /** Whether processes share it. */
  readonly shared: boolean;
  /** Whether limits are counted over all queues. */
  readonly limitsAcrossQueues: boolean;
  /** What about its server is a danger. */
  readonly warnings: readonly string[];
}

/** The dead letters, counted up to a bound. */
export interface LettersContext {
  /** How many. */
  readonly count: number;
  /** Whether there are more. */
  readonly more: boolean;
  /** How many for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** The schedule. */
export interface ScheduleContext {
  /** The name of the leading beat; `null` without one. */
  readonly leader: string | null;
  /** The names of stored entries, up to a bound. */
  readonly stored: readonly string[];
  /** Whether there are more. */
  readonly more: boolean;
  /** Entries that were due long ago, and for how long (ms). */
  readonly overdue: readonly { readonly name: string; readonly late: number }[];
}

/** How far a clock is from that of this machine, in ms; it may be behind. */
export interface ClockContext {
  /** Whose clock. */
  readonly whose: string;
  /** At least so much ahead. */
  readonly ahead: number;
}

/** What runs now, as the stores and the workers tell. */
export interface RunningContext {
  /** The store of tasks, that of results if it is another, and the outbox. */
  readonly stores: readonly StoreContext[];
  /** The queues that are known. */
  readonly queues: readonly QueueStats[];
  /** The workers that are known. */
  readonly workers: readonly KnownWorker[];
  /** For how long the first task of a queue has been ready, in ms. */
  readonly oldest: Readonly<Record<string, number>>;
  /** The dead letters. */
  readonly letters: LettersContext;
  /** The schedule. */
  readonly schedule: ScheduleContext;
  /** The clocks of workers and store. */
  readonly clocks: readonly ClockContext[];
  /** Live workers that did not answer. */
  readonly silent: readonly string[];
  /** The lease of workers by the settings, in ms. */
  readonly lease: number;
  /** The version of Lovage that checks. */
  readonly version: string;
}

/** What checks look at. */
export interface CheckContext {
  /** The app; `null` where only its stores are known. */
  readonly app: AppContext | null;
  /** What runs. */
  readonly running: RunningContext;
}
