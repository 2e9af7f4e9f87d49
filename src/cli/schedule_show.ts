/**
 * `lovage schedule show`: all about an entry.
 *
 * @module
 */

import type { Command } from "commander";
import { DecodeError, ScheduleError } from "../errors.ts";
import { type CliApp, namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { count, timeAndAge } from "../words.ts";
import { dueText, type EntryReport, reportOf } from "./schedule_report.ts";
import { facts } from "./table.ts";
import { zonedText } from "./zoned_time.ts";

/** So many of the coming times are shown. */
const SHOWN = 3;

/** Defines the command. */
export function defineShow(command: Command, cli: Cli): void {
  command.command("show")
    .description("show an entry, its history and its next times")
    .argument("<name>", "its name")
    .action((name: string) => show(cli, name));
}

async function show(cli: Cli, name: string): Promise<void> {
  const named = await namedAppOrStore(cli);
  const { broker } = await openExisting(named);
  const [record] = await broker.scheduler.fetch([name]);
  let next: readonly Date[];
  let report: EntryReport;
  try {
    // Says it when there is none, too.
    next = await named.app.schedules.next(name, SHOWN);
    report = await existing(named, name);
  } catch (error) {
    if (!record || !isUnreadable(error)) throw error;
    const { message: problem } = error;
    const { body } = record;
    cli.out.show({ name, problem, body }, () =>
      facts([
        ["name", name],
        ["problem", problem],
        ["stored", body.slice(0, 2000)],
      ]));
    return;
  }
  cli.out.show(
    { ...report, next },
    () => text(report, next, named.internals.clock().now()),
  );
}

async function existing(named: CliApp, name: string): Promise<EntryReport> {
  const entry = await named.app.schedules.get(name);
  if (entry !== null) return reportOf(named, entry);
  throw new ScheduleError(
    `The schedule entry "${name}" was removed at this moment`,
  );
}

function isUnreadable(error: unknown): error is Error {
  return error instanceof ScheduleError || error instanceof DecodeError ||
    error instanceof RangeError;
}

function text(
  entry: EntryReport,
  next: readonly Date[],
  now: number,
): string {
  const { args, kwargs, options, startAt, endAt, timezone } = entry;
  return facts([
    ["name", entry.name],
    ["description", entry.description || undefined],
    ["problem", entry.problem ?? undefined],
    ["task", entry.task],
    ["args", args.length === 0 ? undefined : JSON.stringify(args)],
    ["kwargs", objectText(kwargs)],
    ["options", objectText(options)],
    ["schedule", `${entry.when} (${entry.schedule.kind})`],
    ["zone", timezone],
    ["written in", entry.app === null ? "the store" : `app "${entry.app}"`],
    ["enabled", entry.enabled ? "yes" : "no"],
    ["one-off", entry.oneOff ? "yes, it is sent once" : undefined],
    ["not before", timeText(startAt, now)],
    ["not after", timeText(endAt, now)],
    ["catch-up", catchUpText(entry)],
    ["overlap", entry.overlap],
    ["next run", dueText(entry, now)],
    [entry.enabled ? "times" : "would be", laterText(entry, next)],
    ["last run", timeText(entry.lastRunAt, now) ?? "never"],
    ["last task", entry.lastTaskId ?? undefined],
    ["history", historyText(entry)],
  ]);
}

function objectText(
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  return Object.keys(value).length === 0 ? undefined : JSON.stringify(value);
}

function timeText(at: string | null, now: number): string | undefined {
  return at === null ? undefined : timeAndAge(Date.parse(at), now);
}

function catchUpText({ catchUp, catchUpLimit }: EntryReport): string {
  return catchUp === "all" ? `all, ${catchUpLimit} at most` : catchUp;
}

/** The coming times by the clock of the entry. */
function laterText(
  { timezone }: EntryReport,
  next: readonly Date[],
): string | undefined {
  return next.length === 0
    ? undefined
    : next.map((at) => zonedText(at, timezone)).join("\n");
}

function historyText(
  { totalRuns, skippedRuns, missedRuns }: EntryReport,
): string {
  return `${
    count(totalRuns, "run")
  }, ${skippedRuns} left out for an overlap, ${missedRuns} missed`;
}
