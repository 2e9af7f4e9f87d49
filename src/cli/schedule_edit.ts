/**
 * `lovage schedule edit`: changes of an entry what is given.
 *
 * @module
 */

import type { Command } from "commander";
import { signatureFromJson } from "../producer/signature.ts";
import type {
  EntryCallOptions,
  EntryInput,
  ScheduleEntry,
} from "../schedules/entry.ts";
import { type CliApp, namedApp, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { names } from "./parse.ts";
import {
  addEntryOptions,
  callOptionsGiven,
  type EntryFlags,
  inputGiven,
  known,
} from "./schedule_options.ts";
import { showWritten } from "./schedule_report.ts";
import { scheduleGiven } from "./schedule_when.ts";
import { checkTask } from "./sent_task.ts";

interface EditFlags extends EntryFlags {
  readonly task?: string;
  readonly unset?: readonly string[];
}

/** What can be unset, and how. */
const UNSET: Readonly<
  Record<string, { entry?: Partial<EntryInput>; options?: EntryCallOptions }>
> = {
  args: { entry: { args: [] } },
  kwargs: { entry: { kwargs: undefined } },
  queue: { options: { queue: undefined } },
  priority: { options: { priority: undefined } },
  expires: { options: { expires: undefined } },
  countdown: { options: { countdown: undefined } },
  headers: { options: { headers: undefined } },
  "one-off": { entry: { oneOff: false } },
  "start-at": { entry: { startAt: null } },
  "end-at": { entry: { endAt: null } },
  description: { entry: { description: "" } },
};

/** Defines the command. */
export function defineEdit(command: Command, cli: Cli): void {
  const changed = command.command("edit")
    .description("change an entry; what is not given stays")
    .argument("<name>", "its name")
    .option("--task <name>", "name of the task");
  addEntryOptions(changed)
    .option(
      "--unset <names>",
      `as if they had never been given: ${Object.keys(UNSET).join(", ")}`,
      names("--unset"),
    )
    .addHelpText("after", "\nNeeds the app, which knows the task.")
    .action((name: string, flags: EditFlags) => edit(cli, name, flags));
}

async function edit(
  cli: Cli,
  name: string,
  flags: EditFlags,
): Promise<void> {
  const { task } = flags;
  const changes = changesGiven(flags);
  const options = optionChanges(flags);
  if (Object.keys(changes).length === 0 && options === null) {
    throw new UsageError(
      "Say what to change, such as --cron '0 3 * * *' or --queue reports; lovage schedule edit --help lists it all",
    );
  }
  const named = await namedApp(cli);
  if (task !== undefined) checkTask(named, task);
  await openExisting(named);
  const { schedules } = named.app;
  // Of one that there is not, edit() says so.
  const before = options === null ? null : await schedules.get(name);
  const merged = before === null
    ? {}
    : { options: known({ ...optionsOf(named, before), ...options }) };
  const entry = await schedules.edit(name, { ...changes, ...merged });
  await showWritten(cli, named, "Changed", entry);
}

/** What changes of an entry, apart from how it is sent. */
function changesGiven(flags: EditFlags): Partial<EntryInput> {
  const { task, unset = [] } = flags;
  const schedule = scheduleGiven(flags);
  const given = inputGiven(flags);
  checkUnset(unset, { ...given, ...callOptionsGiven(flags) });
  return {
    ...Object.assign({}, ...unset.map((each) => UNSET[each]?.entry)),
    ...given,
    ...known({ task, schedule }),
  };
}

/** What changes of how it is sent; `null` when nothing does. */
function optionChanges(flags: EditFlags): EntryCallOptions | null {
  const { unset = [] } = flags;
  const changes = {
    ...Object.assign({}, ...unset.map((each) => UNSET[each]?.options)),
    ...callOptionsGiven(flags),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

function checkUnset(
  unset: readonly string[],
  given: Readonly<Record<string, unknown>>,
): void {
  const all = Object.keys(UNSET);
  for (const each of unset) {
    if (!all.includes(each)) {
      throw new UsageError(
        `--unset must be of ${all.join(", ")}, but it is "${each}"`,
      );
    }
    const name = each.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (name in given) {
      throw new UsageError(
        `Give either --${each} or --unset ${each}, not both`,
      );
    }
  }
}

/** How an entry is sent as it stands. */
function optionsOf(
  { internals }: CliApp,
  { task, options }: ScheduleEntry,
): EntryCallOptions {
  const json = { task, args: [], options };
  return signatureFromJson(internals.producer, json).options;
}
