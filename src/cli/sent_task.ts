/**
 * A task that a command sends, and what came of it.
 *
 * @module
 */

import { TimeoutError } from "../errors.ts";
import type { Duration } from "../message/time.ts";
import { nearest } from "../options.ts";
import type { AsyncResult } from "../producer/async_result.ts";
import type { CliApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { CliError, UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { exitCodeOfState, reportOf, valueText } from "./result_report.ts";

/**
 * Refuses a task that the named app does not have.
 *
 * @throws {UsageError} naming it and what is like it
 */
export function checkTask(
  { app, module, specifier }: CliApp,
  task: string,
): void {
  // One that no worker knows is a dead letter a minute later.
  if (module === null || app.tasks.has(task)) return;
  const known = [...app.tasks.keys()].sort();
  const near = nearest(task, known);
  const hint = near !== undefined
    ? `Did you mean "${near}"?`
    : known.length === 0
    ? "It has none at all"
    : `Its tasks are: ${known.slice(0, 10).join(", ")}${
      known.length > 10 ? ", … (lovage list shows all)" : ""
    }. For a task of another app give only the store, --broker`;
  throw new UsageError(
    `App "${app.name}" (${specifier}) has no task "${task}". ${hint}`,
  );
}

/**
 * Refuses to wait where a task would be sent, and then there would be nothing
 * to wait for.
 *
 * @throws {UsageError} naming the task
 */
export function checkResult({ app, internals }: CliApp, task: string): void {
  const policy = app.tasks.get(task)?.policy(internals.settings());
  if (policy?.ignoreResult !== true) return;
  throw new UsageError(
    `Task "${task}" ignores its results, so there is nothing to --wait for: call it without`,
  );
}

/**
 * Waits for the result of a task that was sent, and prints it.
 *
 * @param wait how long; `true` is without end
 * @returns the exit code
 * @throws {CliError} when it has not ended by then
 */
export async function showResult(
  cli: Cli,
  sent: AsyncResult,
  wait: Duration | true,
): Promise<number> {
  const timeout = wait === true ? undefined : wait;
  try {
    await sent.get({ timeout, propagate: false });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new CliError(error.message, ExitCode.NotEnded);
  }
  const info = await sent.inspect();
  if (info.state === "SUCCESS" || cli.out.json) {
    cli.out.show(reportOf(sent.id, info), () => valueText(info.result));
  } else {
    const error = info.info instanceof Error
      ? `${info.info.name}: ${info.info.message}`
      : info.state;
    cli.out.error(
      `Task ${sent.id} ended as ${info.state}: ${error}. Its stack: lovage result ${sent.id} --traceback`,
      ExitCode.Failure,
    );
  }
  return exitCodeOfState(info.state);
}
