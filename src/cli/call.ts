/**
 * `lovage call`: sends a task, and waits for its result if asked to.
 *
 * @module
 */

import type { Command } from "commander";
import type { Duration, Instant } from "../message/time.ts";
import type { CallOptions } from "../producer/call_options.ts";
import type { OnConflict } from "../task_limits.ts";
import { missingStoreFile } from "../runtime/store_file.ts";
import { checkShared, namedAppOrStore } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import {
  duration,
  durationOrInstant,
  instant,
  integer,
  jsonArray,
  jsonObject,
  oneOf,
} from "./parse.ts";
import { checkResult, checkTask, showResult } from "./sent_task.ts";

interface CallFlags {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly eta?: Instant;
  readonly countdown?: Duration;
  readonly expires?: Duration | Instant;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly queue?: string;
  readonly priority?: number;
  readonly taskId?: string;
  readonly unique?: string;
  readonly uniqueFor?: Duration;
  readonly onConflict?: OnConflict;
  readonly wait?: Duration | true;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .argument("<task>", "name of the task")
    .option("-a, --args <json>", "arguments, a JSON array", jsonArray("--args"))
    .option(
      "-k, --kwargs <json>",
      "keyword arguments, a JSON object; they arrive as the last argument",
      jsonObject("--kwargs"),
    )
    .option("--eta <time>", "run it no sooner than this", instant("--eta"))
    .option(
      "--countdown <duration>",
      "run it no sooner than this from now (30, 5m)",
      duration("--countdown"),
    )
    .option(
      "--expires <when>",
      "do not start it later than this (a time, or a duration from now)",
      durationOrInstant("--expires"),
    )
    .option(
      "--headers <json>",
      "values that travel beside the arguments, a JSON object",
      jsonObject("--headers"),
    )
    .option("--queue <name>", "queue, instead of where it is routed")
    .option(
      "--priority <number>",
      "0 (first) to 9",
      integer("--priority", 0, 9),
    )
    .option("--task-id <id>", "id, instead of a new one")
    .option(
      "--unique <key>",
      "do not send it while one of this key waits or runs",
    )
    .option(
      "--unique-for <duration>",
      "with --unique: for so long after it was sent, instead",
      duration("--unique-for"),
    )
    .option(
      "--on-conflict <what>",
      "with --unique: skip, replace or keepLast",
      oneOf("--on-conflict", ["skip", "replace", "keepLast"]),
    )
    .option(
      "--wait [timeout]",
      "wait for the result and print it",
      duration("--wait"),
    )
    .addHelpText(
      "after",
      `
Prints the id of the task; with --wait its result.

Examples:
  lovage call images.resize -a '["a.png", 640]' --app ./tasks.ts
  lovage call billing.charge -a '[42]' --countdown 30 --broker sqlite://./lovage.db
  lovage call math.add -a '[2, 3]' --wait 10s --app ./tasks.ts`,
    )
    .action(async (task: string, flags: CallFlags) => {
      cli.exitCode = await call(cli, task, flags);
    });
}

async function call(
  cli: Cli,
  task: string,
  { args = [], wait, unique, uniqueFor, onConflict, ...flags }: CallFlags,
): Promise<number> {
  checkTimes(flags);
  const options = {
    ...flags,
    ...uniqueOf({ unique, uniqueFor, onConflict }),
  };
  const named = await namedAppOrStore(cli);
  checkTask(named, task);
  if (wait !== undefined) checkResult(named, task);
  await checkShared(named.internals);
  const { store, brokerUrl } = named.internals.settings();
  const made = store === null ? missingStoreFile(brokerUrl) : undefined;
  await named.internals.stores.open();
  if (made !== undefined) cli.out.note(`Made a new store, ${made}`);
  const { app } = named;
  const sent = await app.sendTask(task, args, options);
  if (wait === undefined) {
    cli.out.show({ id: sent.id, task }, () => sent.id);
    return ExitCode.Ok;
  }
  cli.out.note(`Sent ${task} as ${sent.id}; waiting`);
  return await showResult(cli, sent, wait);
}

function uniqueOf(
  { unique: key, uniqueFor, onConflict }: Pick<
    { [Name in keyof CallFlags]: CallFlags[Name] | undefined },
    "unique" | "uniqueFor" | "onConflict"
  >,
): Pick<CallOptions, "unique"> {
  if (key !== undefined) return { unique: { key, for: uniqueFor, onConflict } };
  if (uniqueFor === undefined && onConflict === undefined) return {};
  throw new UsageError(
    "--unique-for and --on-conflict are about calls of the same key: give it with --unique",
  );
}

function checkTimes({ eta, countdown }: CallFlags): void {
  if (eta !== undefined && countdown !== undefined) {
    throw new UsageError("Give either --countdown or --eta, not both");
  }
}
