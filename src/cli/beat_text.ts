/**
 * What the commands that run a beat say of it.
 *
 * @module
 */

import type { BeatTotals } from "../beat/beat.ts";
import { ConfigError, ScheduleError, ValidationError } from "../errors.ts";
import type { CliApp } from "./app.ts";
import { count } from "../words.ts";

/**
 * The names of the schedule entries that an app's code writes.
 *
 * @throws {ConfigError} when one of them will not do
 */
export async function entriesOfCode(
  { internals }: CliApp,
): Promise<readonly string[]> {
  try {
    const now = internals.clock().now();
    return [...(await internals.staticEntries.all(now)).keys()];
  } catch (error) {
    if (!isMistake(error)) throw error;
    // It stays wrong, however often a supervisor starts the command again.
    throw new ConfigError(error.message, { cause: error });
  }
}

function isMistake(error: unknown): error is Error {
  return error instanceof ScheduleError || error instanceof ValidationError;
}

/** `3 entries of the app's code, and what else is in the store`. */
export function entriesText(entries: readonly string[]): string {
  return entries.length === 0
    ? "what is in the store; the app's code has no entries"
    : `${
      count(entries.length, "entry", "entries")
    } of the app's code, and what else is in the store`;
}

/** `2 tasks sent, 1 time left out`. */
export function totalsText({ sent, leftOut }: BeatTotals): string {
  const left = leftOut === 0 ? "" : `, ${count(leftOut, "time")} left out`;
  return `${sent === 0 ? "no task" : count(sent, "task")} sent${left}`;
}
