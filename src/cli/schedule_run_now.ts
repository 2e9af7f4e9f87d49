/**
 * `lovage schedule run-now`: sends the task of an entry beside its schedule.
 *
 * @module
 */

import type { Command } from "commander";
import type { Duration } from "../message/time.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { duration } from "./parse.ts";
import { checkResult, checkTask, showResult } from "./sent_task.ts";

interface RunNowFlags {
  readonly wait?: Duration | true;
}

/** Defines the command. */
export function defineRunNow(command: Command, cli: Cli): void {
  command.command("run-now")
    .description("send the task of an entry now; its schedule stays as it is")
    .argument("<name>", "its name")
    .option(
      "--wait [timeout]",
      "wait for the result and print it",
      duration("--wait"),
    )
    .action(async (name: string, flags: RunNowFlags) => {
      cli.exitCode = await runNow(cli, name, flags);
    });
}

async function runNow(
  cli: Cli,
  name: string,
  { wait }: RunNowFlags,
): Promise<number> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const { schedules } = named.app;
  const entry = await schedules.get(name);
  if (entry !== null) {
    checkTask(named, entry.task);
    if (wait !== undefined) {
      checkResult(named, entry.task);
      checkStored(name, entry.options);
    }
  }
  const sent = await schedules.runNow(name);
  const task = entry?.task ?? "";
  if (wait === undefined) {
    cli.out.show({ id: sent.id, task, entry: name }, () => sent.id);
    return ExitCode.Ok;
  }
  cli.out.note(`Sent ${task} as ${sent.id}; waiting`);
  return await showResult(cli, sent, wait);
}

function checkStored(
  name: string,
  { ignoreResult }: Readonly<Record<string, unknown>>,
): void {
  if (ignoreResult !== true) return;
  throw new UsageError(
    `The schedule entry "${name}" ignores its results, so there is nothing to --wait for: run it without`,
  );
}
