/**
 * Entries of the schedule as commands report them.
 *
 * @module
 */

import { ScheduleError } from "../errors.ts";
import { nearest } from "../options.ts";
import type { ScheduleEntry } from "../schedules/entry.ts";
import type { ScheduleJson } from "../schedules/timing/schedule.ts";
import { checkTimezone } from "../schedules/timing/timezone.ts";
import type { CliApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { timeAndAge } from "../words.ts";

/** What is shown otherwise than it is. */
type Dates = "startAt" | "endAt" | "nextRunAt" | "lastRunAt";

/** An entry, for `--json`: times are ISO text. */
export interface EntryReport
  extends
    Omit<ScheduleEntry, "schedule" | Dates>,
    Readonly<Record<Dates, string | null>> {
  /** What is wrong with it; `null` when nothing is. */
  readonly problem: string | null;
  /** When. */
  readonly schedule: ScheduleJson;
  /** When, in short. */
  readonly when: string;
}

/** An entry that cannot be read, for `--json`. */
export interface BrokenReport {
  /** Its name. */
  readonly name: string;
  /** Why it cannot be read. */
  readonly problem: string;
}

/** Whether an entry could be read. */
export function isReadable(
  report: EntryReport | BrokenReport,
): report is EntryReport {
  return "task" in report;
}

/**
 * The report of an entry.
 *
 * @throws {RangeError} when a time of it is none
 */
export function reportOf(named: CliApp, entry: ScheduleEntry): EntryReport {
  const { schedule, startAt, endAt, nextRunAt, lastRunAt } = entry;
  return {
    ...entry,
    problem: problemOf(named, entry),
    schedule: schedule.toJSON(),
    when: schedule.describe(),
    startAt: iso(startAt),
    endAt: iso(endAt),
    nextRunAt: iso(nextRunAt),
    lastRunAt: iso(lastRunAt),
  };
}

/** Why a beat of the named app would leave an entry out. */
function problemOf(
  { app, module }: CliApp,
  { name, task, timezone, writer }: ScheduleEntry,
): string | null {
  try {
    checkTimezone(timezone);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    return `The schedule entry "${name}" cannot be evaluated: ${error.message}`;
  }
  if (module === null || app.tasks.has(task)) return null;
  if (writer !== null && writer !== app.name) return null;
  const near = nearest(task, [...app.tasks.keys()]);
  return `The schedule entry "${name}" names the task "${task}", which app "${app.name}" does not have${
    near === undefined ? "" : `. Did you mean "${near}"?`
  }`;
}

/** When an entry is due next, for people. */
export function dueText(
  { enabled, nextRunAt }: EntryReport,
  now: number,
): string {
  if (nextRunAt !== null) return timeAndAge(Date.parse(nextRunAt), now);
  return enabled ? "never again" : "not while it is disabled";
}

/**
 * Shows an entry that was written.
 *
 * @param what what was done to it: `Added`
 */
export async function showWritten(
  cli: Cli,
  named: CliApp,
  what: string,
  entry: ScheduleEntry,
): Promise<void> {
  const report = reportOf(named, entry);
  const now = named.internals.clock().now();
  cli.out.show(
    report,
    () =>
      `${what} ${report.name} (${report.when}, ${report.timezone}); next run: ${
        dueText(report, now)
      }`,
  );
  if (report.enabled && await named.app.schedules.leader() === null) {
    cli.out.note(
      "No beat leads, so nothing is sent until one does: lovage beat, or lovage worker --beat",
    );
  }
}

function iso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
