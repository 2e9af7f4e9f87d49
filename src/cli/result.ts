/**
 * `lovage result`: what became of a task.
 *
 * @module
 */

import type { Command } from "commander";
import type { LiveTask } from "../contracts/inspector.ts";
import { TimeoutError } from "../errors.ts";
import type { Duration } from "../message/time.ts";
import type { ResultInfo } from "../producer/async_result.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { count, timeAndAge } from "../words.ts";
import { duration } from "./parse.ts";
import { exitCodeOfState, reportOf, valueText } from "./result_report.ts";
import { treeOf } from "../control/workflow/result_tree.ts";
import { facts } from "./table.ts";
import { TaskFinder } from "../control/workflow/task_facts.ts";
import { treeText } from "./tree_text.ts";

interface ResultFlags {
  readonly traceback?: boolean;
  readonly tree?: boolean;
  readonly wait?: Duration | true;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .argument("<id>", "id of the task")
    .option("--traceback", "print the stack of its error")
    .option("--tree", "print the workflow that it is part of")
    .option("--wait [timeout]", "wait until it has ended", duration("--wait"))
    .addHelpText(
      "after",
      "\nExits with 0 on SUCCESS, 1 on FAILURE and REVOKED, 3 when it has not ended.",
    )
    .action(async (id: string, flags: ResultFlags) => {
      cli.exitCode = await result(cli, id, flags);
    });
}

async function result(
  cli: Cli,
  id: string,
  { traceback = false, tree = false, wait }: ResultFlags,
): Promise<number> {
  if (tree && traceback) {
    throw new UsageError(
      "--traceback prints the stack of one task and --tree prints many tasks: give one of them",
    );
  }
  const named = await namedAppOrStore(cli);
  const stores = await openExisting(named);
  const handle = named.app.AsyncResult(id);
  if (wait !== undefined) {
    const timeout = wait === true ? undefined : wait;
    await handle.get({ timeout, propagate: false }).catch((error) => {
      // Then what is known of it so far is shown.
      if (!(error instanceof TimeoutError)) throw error;
    });
  }
  const info = await handle.inspect();
  const now = named.internals.clock().now();
  if (tree) {
    const found = await treeOf(new TaskFinder(stores, now), id);
    cli.out.show(
      { id, state: info.state, ...found },
      () => treeText(found),
    );
    return exitCodeOfState(info.state);
  }
  const [live] = await stores.broker.inspector.find([id]);
  const where = whereabouts(info, live, now);
  cli.out.show(
    { ...reportOf(id, info), live: live?.status ?? null },
    () =>
      text(id, { ...info, task: info.task || live?.task }, {
        where,
        traceback,
        now: Date.now(),
      }),
  );
  return exitCodeOfState(info.state);
}

/** Where a task is that has not ended. */
function whereabouts(
  info: ResultInfo<unknown>,
  live: LiveTask | undefined,
  now: number,
): string | undefined {
  if (info.dateDone !== undefined) return undefined;
  if (live === undefined) {
    return info.state === "PENDING"
      ? "in no queue, and no result is stored: it was not sent to this store, its result has expired, or it stores none"
      : undefined;
  }
  const lost = live.losses === 0
    ? ""
    : `, lost with ${count(live.losses, "worker")} before`;
  switch (live.status) {
    case "queued":
      return `waits in queue "${live.queue}"${lost}`;
    case "scheduled":
      return `waits in queue "${live.queue}" until ${
        timeAndAge(live.eta ?? now, now)
      }${lost}`;
    default:
      return `is held by a worker, from queue "${live.queue}"${lost}`;
  }
}

function text(
  id: string,
  info: ResultInfo<unknown>,
  { where, traceback, now }: {
    readonly where: string | undefined;
    readonly traceback: boolean;
    readonly now: number;
  },
): string {
  const error = info.info instanceof Error ? info.info : undefined;
  const custom = error === undefined && info.state !== "SUCCESS"
    ? info.info
    : undefined;
  const { retries, eta } = info.meta;
  const lines = facts([
    ["id", id],
    ["task", info.task],
    ["state", info.state],
    ["where", where],
    ["result", info.state === "SUCCESS" ? valueText(info.result) : undefined],
    ["info", custom === undefined ? undefined : valueText(custom)],
    ["error", error && `${error.name}: ${error.message}`],
    ["done", info.dateDone && timeAndAge(info.dateDone.getTime(), now)],
    ["again", eta === undefined ? undefined : timeAndAge(eta, now)],
    ["worker", info.worker],
    ["retries", retries ? String(retries) : undefined],
  ]);
  if (!traceback) return lines;
  return `${lines}\n\n${info.traceback ?? "It has no stack"}`;
}
