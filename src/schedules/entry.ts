/**
 * An entry of the schedule: what is sent, when, and what about the times when
 * that was not possible.
 *
 * @module
 */

import type { CallOptions } from "../producer/call_options.ts";
import type { AnySignature } from "../producer/signature.ts";
import type { Instant } from "../message/time.ts";
import type { ScheduleSpec } from "./timing/schedule.ts";
import type { ScheduleLike } from "./timing/to_schedule.ts";

/**
 * What comes of times that passed while no beat ran: `"one"` run makes up for
 * all of them, `"all"` are made up for (the latest `catchUpLimit` of them), or
 * they are left out with `"skip"`. With `"skip"` the latest still counts while
 * it is no older than the setting `beatCronStartingDeadline`.
 */
export type CatchUp = "skip" | "one" | "all";

/**
 * What happens when the task of the time before is not over yet, be it that
 * it runs, waits, or is to be retried: `"allow"` sends the next beside it,
 * `"skip"` leaves this time out, `"replace"` revokes it, by force where it
 * runs, and sends the next.
 */
export type Overlap = "allow" | "skip" | "replace";

/** How the task of an entry is sent. */
export type EntryCallOptions = Omit<
  CallOptions,
  "eta" | "taskId" | "kwargs" | "tx" | "retry" | "retryPolicy"
>;

/** How an entry behaves, beside what it sends and when. */
export interface EntryOptions {
  /** The IANA time zone. Defaults to the schedule's, then to the app's. */
  readonly timezone?: string | undefined;
  /** Whether it is sent at all. @default {true} */
  readonly enabled?: boolean | undefined;
  /** Whether it is sent once and then never again. @default {false} */
  readonly oneOff?: boolean | undefined;
  /** It is not sent before this time. Intervals count from here. */
  readonly startAt?: Instant | null | undefined;
  /** It is not sent after this time. */
  readonly endAt?: Instant | null | undefined;
  /** What about times that were missed. @default {"one"} */
  readonly catchUp?: CatchUp | undefined;
  /** The most times that `catchUp: "all"` makes up for. @default {100} */
  readonly catchUpLimit?: number | undefined;
  /** What while the task of the time before is not over. @default {"allow"} */
  readonly overlap?: Overlap | undefined;
  /** What it is for, for people. */
  readonly description?: string | undefined;
}

/** An entry as it is written. */
export interface EntryInput extends EntryOptions {
  /** The task: its name, or a signature with its arguments and options. */
  readonly task: string | AnySignature;
  /** When: `crontab()`, `cron()`, `every()`, `clocked()`, `solar()`, a period or a cron expression. */
  readonly schedule: ScheduleLike;
  /** The arguments, if the task is given by its name. */
  readonly args?: readonly unknown[] | undefined;
  /** Keyword arguments; they arrive as one trailing object. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** How it is sent. */
  readonly options?: EntryCallOptions | undefined;
}

/** Entries by name, as in the setting `beatSchedule`. */
export type BeatSchedule = Readonly<Record<string, EntryInput>>;

/** What came of an entry so far. */
export interface EntryHistory {
  /** When it was last sent. */
  readonly lastRunAt: Date | null;
  /** The id of the task that was sent last. */
  readonly lastTaskId: string | null;
  /** How often it was sent. */
  readonly totalRuns: number;
  /** How many times were left out because the task before was not over. */
  readonly skippedRuns: number;
  /** How many times were left out because no beat ran. */
  readonly missedRuns: number;
}

/** An entry as it stands in the store. */
export interface ScheduleEntry extends EntryHistory {
  /** Its name. */
  readonly name: string;
  /** The name of the task. */
  readonly task: string;
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** Its keyword arguments. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** How it is sent, in JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  /** When. */
  readonly schedule: ScheduleSpec;
  /** The IANA time zone of the schedule. */
  readonly timezone: string;
  /** Whether it is sent at all. */
  readonly enabled: boolean;
  /** Whether it is sent once only. */
  readonly oneOff: boolean;
  /** It is not sent before. */
  readonly startAt: Date | null;
  /** It is not sent after. */
  readonly endAt: Date | null;
  /** What about times that were missed. */
  readonly catchUp: CatchUp;
  /** The most times that are made up for. */
  readonly catchUpLimit: number;
  /** What while the task of the time before is not over. */
  readonly overlap: Overlap;
  /** What it is for. */
  readonly description: string;
  /** The app whose code it is written in; `null` when it is stored only. */
  readonly app: string | null;
  /** The app that has written it and knows its task; `null` is any. */
  readonly writer: string | null;
  /** When it is due next; `null` when it is not, or never again. */
  readonly nextRunAt: Date | null;
  /** Which of its versions this is; it grows with each change. */
  readonly revision: number;
}
