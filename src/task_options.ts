/**
 * The options of a task: Celery's, in camelCase, and what isolates add.
 *
 * @module
 */

import type { StandardSchema } from "./contracts/schema.ts";
import { ConfigError } from "./errors.ts";
import { parseLimit } from "./settings.ts";
import type { TaskContext } from "./context.ts";
import type { Duration } from "./message/time.ts";
import {
  isConcurrency,
  isRateLimit,
  isUnique,
  type LimitOptions,
  taskLimits,
} from "./task_limits.ts";
import {
  type Bytes,
  type Check,
  checkOptions,
  type Checks,
  either,
  isArrayOf,
  isBoolean,
  isBytes,
  isDuration,
  isFunction,
  isInteger,
  isName,
  isObject,
  isOneOf,
  orNull,
} from "./options.ts";

/** A class of errors. */
// deno-lint-ignore no-explicit-any -- constructors of any arguments are wanted
export type ErrorType = abstract new (...args: any[]) => unknown;

/** What `retryKwargs` may hold. */
export interface RetryKwargs {
  /** Overrides `maxRetries`. */
  readonly maxRetries?: number | null | undefined;
  /** The delay when `retryBackoff` is off. */
  readonly countdown?: Duration | undefined;
}

/** What an isolate may do: the permissions that Deno gives a Web Worker. */
export type Permissions =
  | "inherit"
  | "none"
  | {
    readonly [
      Name in
        | "env"
        | "ffi"
        | "import"
        | "net"
        | "read"
        | "run"
        | "sys"
        | "write"
    ]?: boolean | "inherit" | readonly string[];
  };

/** Schemas of a task: of its one argument, or of all and of the result. */
export type TaskSchema = StandardSchema | {
  /** A schema for each positional argument. */
  readonly args?: readonly StandardSchema[] | undefined;
  /** The schema of the result. */
  readonly result?: StandardSchema | undefined;
};

/** The hooks of a task; each may be asynchronous and is awaited. */
export interface TaskHooks {
  /** Before each run. */
  readonly beforeStart?:
    | ((self: TaskContext, args: readonly unknown[]) => unknown)
    | undefined;
  /** After a run that returned. */
  readonly onSuccess?:
    | ((
      self: TaskContext,
      result: unknown,
      args: readonly unknown[],
    ) => unknown)
    | undefined;
  /** After a run that failed for good. */
  readonly onFailure?:
    | ((self: TaskContext, error: unknown, args: readonly unknown[]) => unknown)
    | undefined;
  /** After a run that is to be retried. */
  readonly onRetry?:
    | ((self: TaskContext, error: unknown, args: readonly unknown[]) => unknown)
    | undefined;
  /** After each run, whatever came of it. */
  readonly afterReturn?:
    | ((
      self: TaskContext,
      state: string,
      result: unknown,
      args: readonly unknown[],
    ) => unknown)
    | undefined;
}

/** The options of a task. What is not given comes from the app's settings. */
export interface TaskOptions<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> extends TaskHooks, LimitOptions<Args> {
  /** Whether the task's context comes first. @default {false} */
  readonly bind?: boolean | undefined;
  /** The queue, unless a route or the call names another. */
  readonly queue?: string | undefined;
  /** 0 (first) to 9, unless a route or the call names another. */
  readonly priority?: number | undefined;
  /** Do not start it later than this after it was sent. */
  readonly expires?: Duration | undefined;
  /** Retries after the first run; `null` is without end. @default {3} */
  readonly maxRetries?: number | null | undefined;
  /** The delay of `self.retry()` that names none. @default {"180s"} */
  readonly defaultRetryDelay?: Duration | undefined;
  /** Retry by itself after errors of these classes. @default {[]} */
  readonly autoretryFor?: readonly ErrorType[] | undefined;
  /** But not after errors of these. @default {[]} */
  readonly dontAutoretryFor?: readonly ErrorType[] | undefined;
  /** How to retry by itself. */
  readonly retryKwargs?: RetryKwargs | undefined;
  /**
   * Delay retries by 1, 2, 4, 8 … seconds; a number is the first delay.
   *
   * @default {false}
   */
  readonly retryBackoff?: boolean | number | undefined;
  /** The longest delay of the backoff. @default {"600s"} */
  readonly retryBackoffMax?: Duration | undefined;
  /** Take a random delay between nothing and the backoff's. @default {true} */
  readonly retryJitter?: boolean | undefined;
  /** End it by force after this time; `null` or 0 is never. */
  readonly timeLimit?: Duration | null | undefined;
  /** Ask it to end after this time; `null` or 0 is never. */
  readonly softTimeLimit?: Duration | null | undefined;
  /** Store no result. */
  readonly ignoreResult?: boolean | undefined;
  /** Store errors though results are ignored. */
  readonly storeErrorsEvenIfIgnored?: boolean | undefined;
  /** Acknowledge after the run. */
  readonly acksLate?: boolean | undefined;
  /** Run it again when its host process died. */
  readonly rejectOnWorkerLost?: boolean | undefined;
  /** Store the state STARTED. */
  readonly trackStarted?: boolean | undefined;
  /** Errors that are part of its business: logged without a stack. */
  readonly throws?: readonly ErrorType[] | undefined;
  /** What its isolate may do. Defaults to what the worker may. */
  readonly permissions?: Permissions | undefined;
  /** How much memory its host may hold. */
  readonly memoryLimit?: Bytes | undefined;
  /** Schemas for arguments and result; their types become the task's. */
  readonly schema?: TaskSchema | undefined;
}

const isErrorTypes = isArrayOf((value) =>
  isFunction(value) === null ? null : "an error class"
);

const isSchema: Check = (value) =>
  typeof value === "object" && value !== null && "~standard" in value ||
    typeof value === "function" && "~standard" in value
    ? null
    : "a Standard Schema (zod, valibot, arktype …)";

const isTaskSchema: Check = (value) => {
  if (isSchema(value) === null) return null;
  if (isObject(value) !== null) return isSchema(value);
  checkOptions("the schema", value as { args?: unknown; result?: unknown }, {
    args: isArrayOf(isSchema),
    result: isSchema,
  });
  return null;
};

const isRetryKwargs: Check = (value) => {
  if (isObject(value) !== null) return "an object";
  checkOptions("retryKwargs", value as RetryKwargs, {
    maxRetries: orNull(isInteger(0)),
    countdown: isDuration,
  });
  return null;
};

const isBackoff: Check = (value) =>
  typeof value === "boolean" || typeof value === "number" && value > 0
    ? null
    : "true, false or the first delay in seconds";

const CHECKS: Checks<TaskOptions> = {
  bind: isBoolean,
  queue: isName,
  priority: isInteger(0, 9),
  expires: isDuration,
  maxRetries: orNull(isInteger(0)),
  defaultRetryDelay: isDuration,
  autoretryFor: isErrorTypes,
  dontAutoretryFor: isErrorTypes,
  retryKwargs: isRetryKwargs,
  retryBackoff: isBackoff,
  retryBackoffMax: isDuration,
  retryJitter: isBoolean,
  rateLimit: orNull(isRateLimit),
  concurrency: isConcurrency,
  unique: isUnique,
  timeLimit: orNull(isDuration),
  softTimeLimit: orNull(isDuration),
  ignoreResult: isBoolean,
  storeErrorsEvenIfIgnored: isBoolean,
  acksLate: isBoolean,
  rejectOnWorkerLost: isBoolean,
  trackStarted: isBoolean,
  throws: isErrorTypes,
  permissions: either(isOneOf("inherit", "none"), isObject),
  memoryLimit: isBytes,
  schema: isTaskSchema,
  beforeStart: isFunction,
  onSuccess: isFunction,
  onFailure: isFunction,
  onRetry: isFunction,
  afterReturn: isFunction,
};

/**
 * Refuses what will not do.
 *
 * @throws {ConfigError} naming the task, the option and what was wanted
 */
export function checkTaskOptions(task: string, options: TaskOptions): void {
  checkOptions(`task "${task}"`, options, CHECKS);
  const { softTimeLimit: soft, timeLimit: hard } = options;
  checkLimits(task, {
    softTimeLimit: parseLimit(soft ?? null, "softTimeLimit"),
    timeLimit: parseLimit(hard ?? null, "timeLimit"),
  });
  taskLimits(task, options, options.acksLate ?? true);
}

function checkLimits(
  task: string,
  limits: {
    readonly softTimeLimit: number | null;
    readonly timeLimit: number | null;
  },
): void {
  const { softTimeLimit: soft, timeLimit: hard } = limits;
  if (soft !== null && hard !== null && soft >= hard) {
    throw new ConfigError(
      `softTimeLimit (${soft} ms) of task "${task}" must be shorter than its timeLimit (${hard} ms), otherwise it never comes to bear`,
    );
  }
}
