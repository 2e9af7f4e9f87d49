/**
 * `lovage purge`: drops the tasks that wait in queues.
 *
 * @module
 */

import type { Command } from "commander";
import type { QueueStats } from "../contracts/inspector.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { confirmed } from "./confirm.ts";
import { ExitCode } from "./exit_code.ts";
import { count } from "../words.ts";
import { names } from "./parse.ts";

interface PurgeFlags {
  readonly force?: boolean;
  readonly queues?: readonly string[];
  readonly excludeQueues?: readonly string[];
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("-f, --force", "do not ask")
    .option(
      "-Q, --queues <names>",
      "only these queues; otherwise all that hold tasks",
      names("--queues"),
    )
    .option(
      "-X, --exclude-queues <names>",
      "but not these",
      names("--exclude-queues"),
    )
    .addHelpText(
      "after",
      "\nDrops what waits, queued and scheduled, for good. Running tasks are left alone.",
    )
    .action(async (flags: PurgeFlags) => {
      cli.exitCode = await purge(cli, flags);
    });
}

async function purge(cli: Cli, flags: PurgeFlags): Promise<number> {
  const { broker } = await openExisting(await namedAppOrStore(cli));
  const known = await broker.inspector.queues();
  const chosen = choose(known, flags);
  const waiting = chosen.reduce((sum, each) => sum + waitingIn(each), 0);
  if (waiting === 0) {
    cli.out.show(
      { purged: 0, queues: [] },
      () => `Nothing waits${flags.queues ? " there" : ""}; nothing was dropped`,
    );
    return ExitCode.Ok;
  }
  const listed = chosen.filter((each) => waitingIn(each) > 0)
    .map((each) => `${each.queue} ${waitingIn(each)}`).join(", ");
  const what = `This drops ${
    count(waiting, "waiting task")
  } for good (${listed})`;
  if (!confirmed(cli, what, flags.force ?? false)) return ExitCode.Failure;
  const queues = chosen.map((each) => each.queue);
  const purged = await broker.broker.purge(queues);
  cli.out.show(
    { purged, queues },
    () => `Dropped ${count(purged, "task")} from ${queues.join(", ")}`,
  );
  return ExitCode.Ok;
}

function choose(
  known: readonly QueueStats[],
  { queues, excludeQueues }: PurgeFlags,
): readonly QueueStats[] {
  const excluded = new Set(excludeQueues);
  return known.filter(({ queue }) =>
    !excluded.has(queue) && (queues === undefined || queues.includes(queue))
  );
}

function waitingIn({ queued, scheduled }: QueueStats): number {
  return queued + scheduled;
}
