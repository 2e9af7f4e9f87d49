/**
 * `lovage schedule enable`, `disable` and `remove`.
 *
 * @module
 */

import type { Command } from "commander";
import type { Scheduler } from "../contracts/scheduler.ts";
import { LovageError } from "../errors.ts";
import { nearest } from "../options.ts";
import type { ScheduleEntry } from "../schedules/entry.ts";
import { type CliApp, namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { confirmed } from "./confirm.ts";
import { CliError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { count, timeAndAge } from "../words.ts";
import { table } from "./table.ts";

/** So many names are looked through for one that is like a missing one. */
const LOOKED_AT = 1_000;

/** Defines the commands. */
export function defineSwitches(command: Command, cli: Cli): void {
  for (const verb of ["enable", "disable"] as const) {
    command.command(verb)
      .description(
        verb === "enable"
          ? "send entries again, from their next time on"
          : "do not send entries until they are enabled",
      )
      .argument("<names...>", "their names")
      .action(async (names: string[]) => {
        cli.exitCode = await switchTo(cli, verb, names);
      });
  }
  command.command("remove")
    .description("remove entries for good")
    .argument("<names...>", "their names")
    .option("-f, --force", "do not ask")
    .action(async (names: string[], flags: { readonly force?: boolean }) => {
      cli.exitCode = await remove(cli, names, flags.force ?? false);
    });
}

async function switchTo(
  cli: Cli,
  verb: "enable" | "disable",
  names: readonly string[],
): Promise<number> {
  const { named, wanted } = await found(cli, names);
  const { schedules } = named.app;
  const now = named.internals.clock().now();
  const outcomes = await Promise.all(
    wanted.map((name) => outcomeOf(name, schedules[verb](name))),
  );
  cli.out.show(outcomes, () =>
    table(
      ["NAME", "OUTCOME"],
      outcomes.map(({ name, enabled, nextRunAt, error }) => [
        name,
        error ?? outcomeText(enabled, nextRunAt, now),
      ]),
    ));
  return outcomes.every(({ error }) => error === null)
    ? ExitCode.Ok
    : ExitCode.Failure;
}

interface Outcome {
  readonly name: string;
  readonly enabled: boolean | null;
  readonly nextRunAt: Date | null;
  readonly error: string | null;
}

/** One that will not do does not keep the others from it. */
async function outcomeOf(
  name: string,
  switching: Promise<ScheduleEntry>,
): Promise<Outcome> {
  try {
    const { enabled, nextRunAt } = await switching;
    return { name, enabled, nextRunAt, error: null };
  } catch (error) {
    if (!(error instanceof LovageError)) throw error;
    return { name, enabled: null, nextRunAt: null, error: error.message };
  }
}

function outcomeText(
  enabled: boolean | null,
  nextRunAt: Date | null,
  now: number,
): string {
  if (enabled !== true) return "disabled";
  return nextRunAt === null
    ? "enabled; never due again"
    : `enabled; due next at ${timeAndAge(nextRunAt.getTime(), now)}`;
}

async function remove(
  cli: Cli,
  names: readonly string[],
  force: boolean,
): Promise<number> {
  const { named, wanted } = await found(cli, names);
  const listed = wanted.join(", ");
  const what = `This removes ${
    count(wanted.length, "schedule entry", "schedule entries")
  } for good (${listed})`;
  if (!confirmed(cli, what, force)) return ExitCode.Failure;
  await named.app.schedules.remove(...wanted);
  cli.out.show({ removed: wanted }, () => `Removed ${listed}`);
  return ExitCode.Ok;
}

/** The names, each once, of entries that there are. */
async function found(
  cli: Cli,
  names: readonly string[],
): Promise<{ named: CliApp; wanted: readonly string[] }> {
  const named = await namedAppOrStore(cli);
  const { broker: { scheduler } } = await openExisting(named);
  const wanted = [...new Set(names)];
  const records = await scheduler.fetch(wanted);
  const missing = wanted.filter((_, at) => !records[at]);
  if (missing.length > 0) throw await notFound(scheduler, missing);
  return { named, wanted };
}

async function notFound(
  scheduler: Scheduler,
  missing: readonly string[],
): Promise<CliError> {
  const { records } = await scheduler.list(null, LOOKED_AT);
  const near = nearest(missing[0] ?? "", records.map(({ name }) => name));
  return new CliError(
    `There is no schedule entry ${
      missing.map((name) => `"${name}"`).join(", ")
    }; nothing was done. ${
      near === undefined
        ? "lovage schedule list shows them"
        : `Did you mean "${near}"?`
    }`,
    ExitCode.Failure,
  );
}
