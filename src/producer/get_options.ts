/**
 * How to wait for results: the options of `get()`, and what they refuse.
 *
 * @module
 */

import { currentTask } from "../current.ts";
import { LovageError } from "../errors.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import {
  type Check,
  checkOptions,
  type Checks,
  isBoolean,
  isDuration,
} from "../options.ts";

/** How to wait for a result. */
export interface GetOptions {
  /** Give up after this time. Defaults to waiting for as long as it takes. */
  readonly timeout?: Duration | undefined;
  /** Throw the task's error; otherwise return it. @default {true} */
  readonly propagate?: boolean | undefined;
  /**
   * How often to look again, should a notification be lost.
   *
   * @default {1}
   */
  readonly interval?: Duration | undefined;
  /** Gives up when it aborts, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Allow waiting inside a task. It blocks a slot until another task has
   * run, and deadlocks when all slots wait so: link tasks instead.
   *
   * @default {false}
   */
  readonly allowInsideTask?: boolean | undefined;
}

const isSignal: Check = (value) =>
  value instanceof AbortSignal ? null : "an AbortSignal";

const CHECKS: Checks<GetOptions> = {
  timeout: isDuration,
  propagate: isBoolean,
  interval: isDuration,
  signal: isSignal,
  allowInsideTask: isBoolean,
};

/**
 * Makes sure that it may be waited for.
 *
 * @param call what was called, for errors: `get()`
 * @param what what is waited for, for errors: `task 01a2…`
 * @throws {ConfigError} for an option that will not do
 * @throws {LovageError} inside a task, unless that is allowed
 */
export function checkGet(
  call: string,
  what: string,
  options: GetOptions,
): void {
  checkOptions(call, options, CHECKS);
  const task = currentTask();
  if (task === undefined || options.allowInsideTask === true) return;
  throw new LovageError(
    `Task "${task.task}" must not wait for ${what}: a task that waits for another blocks its slot and can deadlock the worker. Link the tasks instead, or say ${
      call.replace("()", "({ allowInsideTask: true })")
    }`,
  );
}

/**
 * One timeout for all that is waited for, one after the other.
 *
 * @returns the options with the time that is left when it is called
 */
export function sharedTimeout(
  call: string,
  options: GetOptions,
): () => GetOptions {
  if (options.timeout === undefined) return () => options;
  const end = performance.now() +
    parseDuration(options.timeout, `timeout of ${call}`);
  return () => {
    const left = Math.max(1, Math.ceil(end - performance.now()));
    return { ...options, timeout: `${left}ms` };
  };
}
