/**
 * How a task is run and retried: its options over the app's settings.
 *
 * @module
 */

import { type Duration, parseDuration } from "./message/time.ts";
import { parseBytes, parseRate } from "./options.ts";
import { parseLimit, type Settings } from "./settings.ts";
import { type TaskLimits, taskLimits } from "./task_limits.ts";
import type { Permissions, TaskOptions } from "./task_options.ts";

/** How a task is run and retried: its options over the app's settings. */
export interface TaskPolicy {
  /** In ms. */
  readonly expires: number | null;
  /** `null` is without end. */
  readonly maxRetries: number | null;
  /** In ms. */
  readonly defaultRetryDelay: number;
  /** In ms. */
  readonly softTimeLimit: number | null;
  /** In ms. */
  readonly timeLimit: number | null;
  /** Starts per second, in each worker. */
  readonly rateLimit: number | null;
  /** What holds for all workers together. */
  readonly limits: TaskLimits | null;
  /** Whether no result is stored. */
  readonly ignoreResult: boolean;
  /** Whether errors are stored all the same. */
  readonly storeErrors: boolean;
  /** Whether it is acknowledged after the run. */
  readonly acksLate: boolean;
  /** Whether it runs again when its host died. */
  readonly rejectOnWorkerLost: boolean;
  /** Whether STARTED is stored. */
  readonly trackStarted: boolean;
  /** Canonical JSON of its permissions; `null` is the worker's. */
  readonly permissions: string | null;
  /** In bytes. */
  readonly memoryLimit: number | null;
}

/**
 * The policy of a task under these settings.
 *
 * @throws {ConfigError} for limits that could not hold
 */
export function taskPolicy(
  task: string,
  options: TaskOptions,
  settings: Settings,
): TaskPolicy {
  const ms = (given: Duration | undefined, byDefault: number | null) =>
    given === undefined
      ? byDefault
      : parseDuration(given, `an option of task "${task}"`);
  const limit = (
    given: Duration | null | undefined,
    byDefault: number | null,
  ) =>
    given === undefined
      ? byDefault
      : parseLimit(given, `a limit of task "${task}"`);
  const rate = options.rateLimit === undefined
    ? settings.taskDefaultRateLimit
    : options.rateLimit;
  const acksLate = options.acksLate ?? settings.taskAcksLate;
  return {
    expires: ms(options.expires, null),
    maxRetries: options.maxRetries === undefined ? 3 : options.maxRetries,
    defaultRetryDelay: ms(options.defaultRetryDelay, 180_000) ?? 180_000,
    softTimeLimit: limit(options.softTimeLimit, settings.taskSoftTimeLimit),
    timeLimit: limit(options.timeLimit, settings.taskTimeLimit),
    rateLimit: rate === null || typeof rate === "object"
      ? null
      : parseRate(rate),
    limits: taskLimits(task, options, acksLate),
    ignoreResult: options.ignoreResult ?? settings.taskIgnoreResult,
    storeErrors: options.storeErrorsEvenIfIgnored ??
      settings.taskStoreErrorsEvenIfIgnored,
    acksLate,
    rejectOnWorkerLost: options.rejectOnWorkerLost ??
      settings.taskRejectOnWorkerLost,
    trackStarted: options.trackStarted ?? settings.taskTrackStarted,
    permissions: canonicalPermissions(options.permissions),
    memoryLimit: options.memoryLimit === undefined
      ? null
      : parseBytes(options.memoryLimit),
  };
}

function canonicalPermissions(given: Permissions | undefined): string | null {
  if (given === undefined || given === "inherit") return null;
  if (given === "none") return JSON.stringify(given);
  return JSON.stringify(given, Object.keys(given).sort());
}
