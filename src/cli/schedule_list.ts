/**
 * `lovage schedule list`: all entries, and who sends them.
 *
 * @module
 */

import type { Command } from "commander";
import { type CliApp, namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { age, count } from "../words.ts";
import { oneOf } from "./parse.ts";
import {
  type BrokenReport,
  dueText,
  type EntryReport,
  isReadable,
  reportOf,
} from "./schedule_report.ts";
import { table } from "./table.ts";

type Sort = "name" | "next";
type Listed = EntryReport | BrokenReport;

/** Defines the command. */
export function defineList(command: Command, cli: Cli): void {
  command.command("list")
    .description("list the entries")
    .option(
      "--sort <by>",
      "name, or next: what is due first",
      oneOf<Sort>("--sort", ["name", "next"]),
      "name",
    )
    .action(({ sort }: { sort: Sort }) => list(cli, sort));
}

async function list(cli: Cli, sort: Sort): Promise<void> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const entries = await readAll(named);
  const leader = await named.app.schedules.leader();
  const sorted = sort === "name" ? entries : entries.toSorted(byNextRun);
  cli.out.show(
    { leader, entries: sorted },
    () => text(sorted, leader, named.internals.clock().now()),
  );
}

async function readAll(named: CliApp): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  const broken = (name: string, { message }: Error) => {
    const problem = message.includes(`"${name}"`)
      ? message
      : `The schedule entry "${name}" cannot be shown: ${message}`;
    found.push({ name, problem });
  };
  for await (const entry of named.app.schedules.list(broken)) {
    try {
      found.push(reportOf(named, entry));
    } catch (error) {
      broken(entry.name, error as Error);
    }
  }
  return found;
}

/** What is due first; what is never due comes last. */
function byNextRun(one: Listed, other: Listed): number {
  const [first, second] = [one, other].map((each) =>
    isReadable(each) && each.nextRunAt !== null
      ? Date.parse(each.nextRunAt)
      : Number.MAX_VALUE
  );
  return (first ?? 0) - (second ?? 0);
}

function text(
  entries: readonly Listed[],
  leader: string | null,
  now: number,
): string {
  const sender = leader === null
    ? "No beat leads, so nothing is sent (lovage beat, or lovage worker --beat)"
    : `${leader} sends what is due`;
  if (entries.length === 0) {
    return `No schedule entries; those of an app's code are stored when beat starts\n\n${sender}`;
  }
  const header = ["NAME", "SCHEDULE", "ZONE", "TASK", "ENABLED"];
  const problems = entries.flatMap(({ problem }) =>
    problem === null ? [] : [`Warning: ${problem}`]
  );
  return [
    table(
      [...header, "RUNS", "LAST RUN", "NEXT RUN"],
      entries.map((entry) => rowOf(entry, now)),
    ),
    `${count(entries.length, "entry", "entries")}. ${sender}`,
    ...(problems.length === 0 ? [] : [problems.join("\n")]),
  ].join("\n\n");
}

function rowOf(entry: Listed, now: number): readonly (string | number)[] {
  if (!isReadable(entry)) {
    return [entry.name, "-", "-", "-", "-", "-", "-", "cannot be read"];
  }
  const { lastRunAt } = entry;
  return [
    entry.name,
    entry.when,
    entry.timezone,
    entry.task,
    entry.enabled ? "yes" : "no",
    entry.totalRuns,
    lastRunAt === null ? "-" : age(Date.parse(lastRunAt), now),
    dueText(entry, now),
  ];
}
