/**
 * What can be said at a call: Celery's `apply_async` options.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { isRetryPolicy, type RetryPolicy } from "../retry_policy.ts";
import {
  type Check,
  checkOptions,
  type Checks,
  either,
  isArrayOf,
  isBoolean,
  isDuration,
  isInstant,
  isInteger,
  isName,
  isObject,
  isText,
  orNull,
  show,
} from "../options.ts";
import type { Duration, Instant } from "../message/time.ts";
import { isUniqueCall, type UniqueCallOptions } from "../task_limits.ts";
import { isLinkable, type Linkable } from "./linkable.ts";

/** The options of one call; what is not given comes from route, task and app. */
export interface CallOptions {
  /** Run it no sooner than this from now. */
  readonly countdown?: Duration | undefined;
  /** Run it no sooner than this. */
  readonly eta?: Instant | undefined;
  /** Do not start it later than this: a duration from now, or a time. */
  readonly expires?: Duration | Instant | undefined;
  /** The queue. */
  readonly queue?: string | undefined;
  /** 0 (first) to 9. */
  readonly priority?: number | undefined;
  /**
   * The task's id. While a task of this id is live, sending it again is the
   * same task, not another. Defaults to a new UUIDv7.
   */
  readonly taskId?: string | undefined;
  /**
   * Whether one is enough while another one like it waits or runs, in place
   * of what the task says of it; `false` sends it whatever there is.
   */
  readonly unique?: boolean | UniqueCallOptions | undefined;
  /** Signatures or canvases to send with the result, when it succeeds. */
  readonly link?: Linkable | readonly Linkable[] | undefined;
  /** The same to send with the request and the error, when it fails for good. */
  readonly linkError?: Linkable | readonly Linkable[] | undefined;
  /** Values that travel beside the arguments. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Keyword arguments; they arrive as one trailing object. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Whether to try again when the store does not answer. */
  readonly retry?: boolean | undefined;
  /** How to try again. */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** End it by force after this time; `null` or 0 is never. */
  readonly timeLimit?: Duration | null | undefined;
  /** Ask it to end after this time; `null` or 0 is never. */
  readonly softTimeLimit?: Duration | null | undefined;
  /** Store no result. */
  readonly ignoreResult?: boolean | undefined;
  /** The name to show instead of the task's. */
  readonly shadow?: string | undefined;
  /**
   * A transaction of your own to send in: the task exists if and only if it
   * commits. The `sql` that `sql.begin()` of postgres.js hands in, or a client
   * with `query(text, params)` that has begun one, on the PostgreSQL database
   * that tasks wait in, or that of the `outbox`.
   */
  readonly tx?: unknown;
}

/** How signatures are sent that are sent together. */
export type SendManyOptions = Pick<CallOptions, "tx" | "retry" | "retryPolicy">;

const isLink: Check = (value) =>
  isLinkable(value) ? null : "a signature, such as notify.s(42), or a canvas";

const isTransaction: Check = (value) =>
  typeof value === "function" || isObject(value) === null
    ? null
    : "a transaction of the store's own client";

const CHECKS: Checks<CallOptions> = {
  countdown: isDuration,
  eta: isInstant,
  expires: either(isDuration, isInstant),
  queue: isName,
  priority: isInteger(0, 9),
  taskId: isText,
  unique: isUniqueCall,
  link: either(isLink, isArrayOf(isLink)),
  linkError: either(isLink, isArrayOf(isLink)),
  headers: isObject,
  kwargs: isObject,
  retry: isBoolean,
  retryPolicy: isRetryPolicy,
  timeLimit: orNull(isDuration),
  softTimeLimit: orNull(isDuration),
  ignoreResult: isBoolean,
  shadow: isText,
  tx: isTransaction,
};

/**
 * Refuses what will not do.
 *
 * @throws {ConfigError} naming the task, the option and what was wanted
 */
export function checkCallOptions(task: string, options: CallOptions): void {
  checkOptions(`the call of "${task}"`, options, CHECKS);
}

/**
 * Refuses what cannot be the name of a task.
 *
 * @throws {ConfigError} saying what was given and what was wanted
 */
export function checkTaskName(task: unknown): void {
  const wanted = isName(task);
  if (wanted === null) return;
  throw new ConfigError(
    `The task to send must be ${wanted}, but it is ${show(task)}`,
  );
}
