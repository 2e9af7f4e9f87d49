/**
 * Schedule entries as they are shown. Points in time are epoch milliseconds.
 *
 * @module
 */

import type { ScheduleJson } from "../../../schedules/timing/schedule.ts";
import type { TaskRow } from "./tasks.ts";

/** A schedule entry. */
export interface ScheduleRow {
  /** Its name. */
  readonly name: string;
  /** The task that it sends. */
  readonly task: string;
  /** Its arguments as JSON text. */
  readonly args: string;
  /** Its keyword arguments as JSON text; `null` when there are none. */
  readonly kwargs: string | null;
  /** When, as data. */
  readonly spec: ScheduleJson;
  /** When, in words. */
  readonly when: string;
  /** Its time zone. */
  readonly timezone: string;
  /** Whether it is sent. */
  readonly enabled: boolean;
  /** Whether it is sent once only. */
  readonly oneOff: boolean;
  /** What it is for. */
  readonly description: string;
  /** The app whose code it is written in; `null` when it is stored only. */
  readonly fixedBy: string | null;
  /** When it was last sent. */
  readonly lastRunAt: number | null;
  /** The task that was sent last. */
  readonly lastTaskId: string | null;
  /** How often it was sent. */
  readonly totalRuns: number;
  /** Times left out because the task before was not over. */
  readonly skippedRuns: number;
  /** Times left out because no beat ran. */
  readonly missedRuns: number;
  /** When it is due next. */
  readonly nextRunAt: number | null;
}

/** Everything about one schedule entry. */
export interface ScheduleDetail extends ScheduleRow {
  /** How it is sent: queue, priority and so on. */
  readonly options: Readonly<Record<string, unknown>>;
  /** It is not sent before. */
  readonly startAt: number | null;
  /** It is not sent after. */
  readonly endAt: number | null;
  /** What about times that were missed. */
  readonly catchUp: string;
  /** The most times that are made up for. */
  readonly catchUpLimit: number;
  /** What while the task of the time before is not over. */
  readonly overlap: string;
  /** The next ten times. */
  readonly next: readonly number[];
  /** Its latest runs that are still known, the latest first. */
  readonly runs: readonly TaskRow[];
}

/** What an entry would do. */
export interface SchedulePreview {
  /** When, in words; `""` with an error. */
  readonly when: string;
  /** The next times. */
  readonly next: readonly number[];
  /** Why it will not do; `null` when it will. */
  readonly error: string | null;
}

/** A page of schedule entries, by name. */
export interface SchedulePage {
  /** The entries. */
  readonly schedules: readonly ScheduleRow[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
  /** The beat that leads; `null` when none does. */
  readonly leader: string | null;
}
