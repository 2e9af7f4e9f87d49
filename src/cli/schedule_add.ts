/**
 * `lovage schedule add`: writes a new entry.
 *
 * @module
 */

import type { Command } from "commander";
import { ScheduleError } from "../errors.ts";
import { missingStoreFile } from "../runtime/store_file.ts";
import type { EntryInput } from "../schedules/entry.ts";
import { checkEntryName } from "../schedules/write_entry.ts";
import { checkShared, namedApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import {
  addEntryOptions,
  callOptionsGiven,
  type EntryFlags,
  inputGiven,
} from "./schedule_options.ts";
import { showWritten } from "./schedule_report.ts";
import { scheduleWanted } from "./schedule_when.ts";
import { checkTask } from "./sent_task.ts";

/** Defines the command. */
export function defineAdd(command: Command, cli: Cli): void {
  const written = command.command("add")
    .description("add an entry")
    .argument("<name>", "its name")
    .argument("<task>", "name of the task");
  addEntryOptions(written)
    .addHelpText(
      "after",
      `
Needs the app, which knows the task.

Examples:
  lovage schedule add nightly reports.send -a '["all"]' --cron '0 3 * * *' --timezone Europe/Berlin
  lovage schedule add poll feeds.poll --every 30s --overlap skip --app ./tasks.ts`,
    )
    .action((name: string, task: string, flags: EntryFlags) =>
      add(cli, name, task, flags)
    );
}

async function add(
  cli: Cli,
  name: string,
  task: string,
  flags: EntryFlags,
): Promise<void> {
  const input: EntryInput = {
    ...inputGiven(flags),
    ...{ task, schedule: scheduleWanted(flags) },
    options: callOptionsGiven(flags),
  };
  checkName(name);
  const named = await namedApp(cli);
  checkTask(named, task);
  await checkShared(named.internals);
  const { store, brokerUrl } = named.internals.settings();
  const made = store === null ? missingStoreFile(brokerUrl) : undefined;
  await named.internals.stores.open();
  if (made !== undefined) cli.out.note(`Made a new store, ${made}`);
  const entry = await named.app.schedules.add(name, input);
  await showWritten(cli, named, "Added", entry);
}

function checkName(name: string): void {
  try {
    checkEntryName(name);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new UsageError(error.message);
  }
}
