/**
 * When a failed task runs again: pure functions, with Celery's formula.
 *
 * @module
 */

import { parseDuration } from "../message/time.ts";
import type { ErrorType, TaskOptions } from "../task_options.ts";

/**
 * The delay before the next run after an automatic retry, in ms. With
 * `retryBackoff`: `min(retryBackoffMax, factor · 2^retries)` seconds, of which
 * jitter takes a random whole number of seconds from 0 on. Without it, the
 * countdown of `retryKwargs`, else `defaultRetryDelay`.
 *
 * Source: Celery's `get_exponential_backoff_interval` and `add_autoretry_behaviour`.
 *
 * @param retries retries before the run that failed
 * @param random a number from 0 to below 1
 */
export function autoretryDelay(
  options: TaskOptions,
  retries: number,
  random: () => number = Math.random,
): number {
  const { retryBackoff = false } = options;
  if (retryBackoff === false) {
    return parseDuration(
      options.retryKwargs?.countdown ?? options.defaultRetryDelay ?? 180,
      "the delay of a retry",
    );
  }
  // Celery truncates the factor, and true is 1.
  const factor = Math.trunc(Math.max(1, Number(retryBackoff)));
  const longest =
    parseDuration(options.retryBackoffMax ?? 600, "retryBackoffMax") /
    1000;
  const seconds = Math.min(longest, factor * 2 ** retries);
  const jittered = options.retryJitter ?? true
    ? Math.floor(random() * (Math.floor(seconds) + 1))
    : seconds;
  return Math.round(jittered * 1000);
}

/** Whether an error is one that the task retries by itself. */
export function isAutoretried(options: TaskOptions, error: unknown): boolean {
  return isOneOf(error, options.autoretryFor) &&
    !isOneOf(error, options.dontAutoretryFor);
}

/** Whether an error is part of the task's business. */
export function isExpected(options: TaskOptions, error: unknown): boolean {
  return isOneOf(error, options.throws);
}

function isOneOf(
  error: unknown,
  types: readonly ErrorType[] | undefined,
): boolean {
  return types?.some((type) => error instanceof type) ?? false;
}
