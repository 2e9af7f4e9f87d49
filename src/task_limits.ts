/**
 * The options of a task that hold for all workers together: how often it
 * starts, how many run at a time, and whether one like it is enough.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import { type Duration, parseDuration } from "./message/time.ts";
import {
  type Check,
  checkOptions,
  type Checks,
  either,
  isDuration,
  isFunction,
  isInteger,
  isOneOf,
  isRate,
  isText,
  parseRate,
  type Rate,
} from "./options.ts";

/** A function of a task's arguments that says what they have in common. */
export type KeyOf<Args extends readonly unknown[]> = (...args: Args) => string;

/**
 * The arguments of a task, which are known from its function, not from its
 * options. (`NoInfer` does not give a parameter list back.)
 */
export type Known<Args extends readonly unknown[]> = Args extends
  infer Same extends readonly unknown[] ? Same : never;

/** A rate limit that all workers keep together. */
export interface ClusterRateLimit<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> {
  /** So many starts within any span of that length: `"100/s"`, `"5/m"`. */
  readonly limit: Rate;
  /** All workers together count. */
  readonly scope: "cluster";
  /**
   * What is counted. A function counts for each key of the task's arguments by
   * itself; a text is counted together with all tasks that name the same one.
   * Defaults to the task.
   */
  readonly key?: string | KeyOf<Args> | undefined;
}

/** How many may run at a time, in all workers together. */
export interface ConcurrencyOptions<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> {
  /** The most at a time. */
  readonly limit: number;
  /**
   * What is counted. A function counts for each key of the task's arguments by
   * itself; a text is counted together with all tasks that name the same one.
   * Defaults to the task.
   */
  readonly key?: string | KeyOf<Args> | undefined;
}

/** When one task is enough. */
export interface UniqueOptions<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> {
  /**
   * Which ones are alike: those of the same key. Defaults to those with the
   * same arguments.
   */
  readonly key?: KeyOf<Args> | undefined;
  /**
   * So long after it was sent nothing like it is sent again, whatever has
   * become of it by then. Defaults to as long as it waits or runs.
   */
  readonly for?: Duration | undefined;
  /**
   * What becomes of one that is like another: `"skip"` sends nothing,
   * `"replace"` takes the place of the other one as long as that waits, and
   * `"keepLast"` lets one run and one wait, the newest.
   *
   * @default {"skip"}
   */
  readonly onConflict?: OnConflict | undefined;
}

/** When one call is enough, said at the call. */
export interface UniqueCallOptions extends Omit<UniqueOptions, "key"> {
  /**
   * Which calls of the task are alike: those of the same text, which a
   * function makes of the arguments. Defaults to those with the same
   * arguments.
   */
  readonly key?: string | UniqueOptions["key"];
}

/** What becomes of a task that is like another. */
export type OnConflict = "skip" | "replace" | "keepLast";

/** The options of a task that hold for all workers together. */
export interface LimitOptions<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> {
  /**
   * How often it starts: a rate is for each worker by itself, with
   * `scope: "cluster"` it is for all together; `null` is no limit.
   */
  readonly rateLimit?: Rate | ClusterRateLimit<Args> | null | undefined;
  /** How many run at a time, in all workers together. */
  readonly concurrency?: number | ConcurrencyOptions<Args> | undefined;
  /** Whether one is enough while another one like it waits or runs. */
  readonly unique?: boolean | UniqueOptions<Args> | undefined;
}

/** What a limit counts: the task, what its arguments say, or a shared name. */
export type CountedBy = string | KeyOf<readonly unknown[]> | null;

/** When one is enough, resolved. Spans are ms. */
export interface Unique {
  /** What they have in common; `null` is all of their arguments. */
  readonly key: CountedBy;
  /** For how long; `null` is while one waits or runs. */
  readonly for: number | null;
  /** What becomes of another one. */
  readonly onConflict: OnConflict;
}

/** The limits of a task, resolved. Spans are ms. */
export interface TaskLimits {
  /** How often it starts. */
  readonly rate: {
    readonly most: number;
    readonly per: number;
    readonly key: CountedBy;
  } | null;
  /** How many run at a time. */
  readonly concurrency:
    | { readonly most: number; readonly key: CountedBy }
    | null;
  /** When one is enough. */
  readonly unique: Unique | null;
}

/** The limits of a queue. */
export interface QueueLimits {
  /** How many of its tasks run at a time, in all workers together. */
  readonly concurrency?: number | undefined;
  /** How often its tasks start, in all workers together. */
  readonly rateLimit?: Rate | undefined;
}

const isPositive = isInteger(1);
const isKey = either(isText, isFunction);

const isClusterRate = isMade<ClusterRateLimit>(
  "rateLimit",
  {
    limit: isRate,
    scope: isOneOf("cluster"),
    key: isKey,
  },
  "limit",
  "scope",
);

/** Accepts what limits how often a task starts. */
export const isRateLimit: Check = either(isRate, isClusterRate);

/** Accepts what limits how many run at a time. */
export const isConcurrency: Check = either(
  isPositive,
  isMade<ConcurrencyOptions>("concurrency", {
    limit: isPositive,
    key: isKey,
  }, "limit"),
);

/** Accepts what says when one is enough, for all calls of a task. */
export const isUnique: Check = uniqueBy(isFunction);

/** Accepts what says when one is enough, at a call. */
export const isUniqueCall: Check = uniqueBy(isKey);

function uniqueBy(key: Check): Check {
  return either(
    isOneOf(true, false),
    isMade<UniqueCallOptions>("unique", {
      key,
      for: isDuration,
      onConflict: isOneOf("skip", "replace", "keepLast"),
    }),
  );
}

/** Accepts limits of queues, by their names. */
export const isQueueLimits: Check = (value) => {
  const wanted = "an object such as { billing: { concurrency: 5 } }";
  if (typeof value !== "object" || value === null) return wanted;
  for (const [queue, limits] of Object.entries(value)) {
    if (typeof limits !== "object" || limits === null) return wanted;
    checkOptions<QueueLimits>(`taskQueueLimits of queue "${queue}"`, limits, {
      concurrency: isPositive,
      rateLimit: isRate,
    });
  }
  return null;
};

/** An object of options, of which some must be there. */
function isMade<T extends object>(
  name: string,
  checks: Checks<T>,
  ...needed: readonly (keyof T & string)[]
): Check {
  return (value) => {
    const wanted = `an object with ${Object.keys(checks).join(", ")}`;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return wanted;
    }
    checkOptions<T>(name, value as T, checks);
    const missing = needed.find((each) => (value as T)[each] === undefined);
    return missing === undefined ? null : `${wanted}; ${missing} is missing`;
  };
}

/** A rate as so many within a span, in ms: whole numbers, never more. */
export function rateWindow(rate: Rate): { most: number; per: number } {
  const perSecond = parseRate(rate);
  const unit = typeof rate === "number" ? "s" : rate.slice(-1);
  const span = unit === "h" ? 3_600_000 : unit === "m" ? 60_000 : 1_000;
  const count = perSecond * span / 1_000;
  const most = Math.max(1, Math.floor(count + 1e-9));
  // 2.5 a second are 2 within 800 ms, and 0.5 are 1 within 2 s.
  return { most, per: Math.ceil(span * most / count - 1e-9) };
}

/**
 * The limits of a task; `null` when it has none.
 *
 * @param acksLate whether it is acknowledged after the run
 * @throws {ConfigError} for limits that could not hold
 */
export function taskLimits(
  task: string,
  options: LimitOptions,
  acksLate: boolean,
): TaskLimits | null {
  const rate = clusterRate(options.rateLimit);
  const concurrency = concurrencyOf(options.concurrency);
  const unique = uniqueOf(options.unique);
  if (rate === null && concurrency === null && unique === null) return null;
  if (unique !== null) refuseContradictions(`task "${task}"`, unique, acksLate);
  if (concurrency !== null && !acksLate) {
    throw uncounted("concurrency", `task "${task}"`);
  }
  return { rate, concurrency, unique };
}

function clusterRate(given: LimitOptions["rateLimit"]): TaskLimits["rate"] {
  if (typeof given !== "object" || given === null) return null;
  return { ...rateWindow(given.limit), key: given.key ?? null };
}

function concurrencyOf(
  given: LimitOptions["concurrency"],
): TaskLimits["concurrency"] {
  if (given === undefined) return null;
  return typeof given === "number"
    ? { most: given, key: null }
    : { most: given.limit, key: given.key ?? null };
}

/** What was given of uniqueness, resolved. */
export function uniqueOf(
  given: boolean | UniqueCallOptions | undefined,
): Unique | null {
  if (given === undefined || given === false) return null;
  const { key = null, for: span, onConflict = "skip" } = given === true
    ? {}
    : given;
  return {
    key,
    for: span === undefined ? null : parseDuration(span, "unique.for"),
    onConflict,
  };
}

/**
 * Refuses what could not hold.
 *
 * @param whose `task "…"`, or `the call of "…"`
 * @param acksLate whether the task is acknowledged after the run
 * @throws {ConfigError} saying what to leave out
 */
export function refuseContradictions(
  whose: string,
  unique: Unique,
  acksLate: boolean,
): void {
  if (unique.onConflict === "keepLast" && unique.for !== null) {
    throw new ConfigError(
      `Option "unique" of ${whose} has both onConflict: "keepLast" and for: what waits is replaced whenever it was sent; leave one of them out`,
    );
  }
  if (acksLate || unique.for !== null) return;
  throw uncounted(
    "unique",
    whose,
    ', or say for how long with unique: { for: "5m" }',
  );
}

function uncounted(what: string, whose: string, other = ""): ConfigError {
  return new ConfigError(
    `Option "${what}" of ${whose} cannot hold with acksLate: false: its message is gone before it runs, so nobody could count it; leave acksLate at true${other}`,
  );
}
