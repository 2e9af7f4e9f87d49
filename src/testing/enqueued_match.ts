/**
 * What a waiting task is to look like, and whether it does.
 *
 * @module
 */

import { encodeArgs } from "../message/json_codec.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "../message/time.ts";
import {
  checkOptions,
  type Checks,
  isArrayOf,
  isDuration,
  isFunction,
  isInstant,
  isInteger,
  isObject,
  isOneOf,
  isText,
} from "../options.ts";
import type { EnqueuedTask } from "./enqueued.ts";

/** What a waiting task is to look like; all that is given must hold. */
export interface EnqueuedMatch<Args extends readonly unknown[] = unknown[]> {
  /** Its positional arguments, all of them. */
  readonly args?: Readonly<Args> | undefined;
  /** Its keyword arguments, all of them. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Its id. */
  readonly id?: string | undefined;
  /** The queue that it waits in. */
  readonly queue?: string | undefined;
  /** Its priority. */
  readonly priority?: number | undefined;
  /** How often it was retried. */
  readonly retries?: number | undefined;
  /** Whether it is ready or waits for its time. */
  readonly status?: "queued" | "scheduled" | undefined;
  /** Not to run before this time, give or take `within`. */
  readonly eta?: Instant | undefined;
  /** The same, counted from now. */
  readonly countdown?: Duration | undefined;
  /** How far `eta` and `countdown` may be off. @default {1} */
  readonly within?: Duration | undefined;
  /** Headers that it has, beside others. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Anything else. */
  readonly where?: ((task: EnqueuedTask) => boolean) | undefined;
  /** How many there are. Without it: at least one. */
  readonly count?: number | undefined;
}

const MATCH_CHECKS: Checks<EnqueuedMatch> = {
  args: isArrayOf(() => null),
  kwargs: isObject,
  id: isText,
  queue: isText,
  priority: isInteger(0, 9),
  retries: isInteger(0),
  status: isOneOf("queued", "scheduled"),
  eta: isInstant,
  countdown: isDuration,
  within: isDuration,
  headers: isObject,
  where: isFunction,
  count: isInteger(0),
};

/**
 * Refuses a description that will not do.
 *
 * @throws {ConfigError} saying which part of it
 */
export function checkMatch(match: object): void {
  checkOptions("what is expected to wait", match, MATCH_CHECKS);
}

/** Whether a task is what was described. */
export function fits(
  task: EnqueuedTask,
  match: EnqueuedMatch,
  now: number,
): boolean {
  const { args, kwargs, headers, where } = match;
  return SAME.every((name) =>
    match[name] === undefined || match[name] === task[name]
  ) &&
    (args === undefined || sameValues(task.args, args)) &&
    (kwargs === undefined || sameValues([task.kwargs], [kwargs])) &&
    Object.entries(headers ?? {}).every(([name, value]) =>
      sameValues([task.headers[name]], [value])
    ) &&
    isDueAsExpected(task, match, now) &&
    (where === undefined || where(task));
}

/** What is compared as it is. */
const SAME = ["id", "queue", "priority", "retries", "status"] as const;

function isDueAsExpected(
  { eta }: EnqueuedTask,
  match: EnqueuedMatch,
  now: number,
): boolean {
  const expected = match.eta !== undefined
    ? parseInstant(match.eta, "eta")
    : match.countdown !== undefined
    ? now + parseDuration(match.countdown, "countdown")
    : undefined;
  if (expected === undefined) return true;
  const within = parseDuration(match.within ?? 1, "within");
  return Math.abs((eta?.getTime() ?? now) - expected) <= within;
}

/** Whether values are equal in the eyes of who receives them. */
function sameValues(
  one: readonly unknown[],
  other: readonly unknown[],
): boolean {
  return sameJson(asJson(one), asJson(other));
}

function asJson(values: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(encodeArgs(values)));
}

/** Whether JSON values are equal, whatever the order of their keys. */
function sameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object") {
    return one === other;
  }
  if (one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length &&
    keys.every((key) =>
      Object.hasOwn(other, key) &&
      sameJson(one[key as keyof typeof one], other[key as keyof typeof other])
    );
}
