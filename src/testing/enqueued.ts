/**
 * What waits in the queues of an app.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { LiveTask } from "../contracts/inspector.ts";
import { internalsOf } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { decodeCall, encodeArgs } from "../message/json_codec.ts";
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
import type { Task } from "../task.ts";
import { AssertionError } from "./assertion_error.ts";

/** A task that waits. */
export interface EnqueuedTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly task: string;
  /** Its positional arguments. */
  readonly args: readonly unknown[];
  /** Its keyword arguments. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The queue that it waits in. */
  readonly queue: string;
  /** 0 to 9; 0 is served first. */
  readonly priority: number;
  /** `queued` is ready to be served, `scheduled` waits for its eta. */
  readonly status: "queued" | "scheduled";
  /** Not to run before this time. */
  readonly eta: Date | null;
  /** Not to be started after this time. */
  readonly expires: Date | null;
  /** How often it was retried. */
  readonly retries: number;
  /** What travels beside its arguments. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The task that sent it. */
  readonly parentId: string | null;
}

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

/** A task or its name. */
export type TaskOrName<Args extends readonly unknown[]> =
  | Task<Args, unknown>
  | string;

// How many tasks an error lists.
const LISTED = 20;
const PAGE = 500;

/** All tasks that wait, the queued ones first, each in their order. */
export async function enqueued(
  app: Lovage,
): Promise<readonly EnqueuedTask[]> {
  return [
    ...await waiting(app, "queued"),
    ...await waiting(app, "scheduled"),
  ];
}

/**
 * Makes sure that a task waits.
 *
 * @returns the tasks that match
 * @throws {AssertionError} when none does, or not as many as `count`; it lists
 * what waits
 */
export async function assertEnqueued<Args extends readonly unknown[]>(
  app: Lovage,
  task: TaskOrName<Args>,
  match: EnqueuedMatch<Args> = {},
): Promise<readonly EnqueuedTask[]> {
  const { all, found, wanted } = await search(app, task, match);
  const { count } = match;
  if (count === undefined ? found.length > 0 : found.length === count) {
    return found;
  }
  const expected = count === undefined ? "a task" : `${count} × a task`;
  const instead = count === undefined ? "none" : `${found.length}`;
  throw new AssertionError(
    `Expected ${expected} to wait: ${wanted}. There is ${instead}. ${
      list(all)
    }`,
  );
}

/**
 * Makes sure that no such task waits.
 *
 * @throws {AssertionError} when one does; it lists those
 */
export async function refuteEnqueued<Args extends readonly unknown[]>(
  app: Lovage,
  task: TaskOrName<Args>,
  match: Omit<EnqueuedMatch<Args>, "count"> = {},
): Promise<void> {
  const { found, wanted } = await search(app, task, match);
  if (found.length === 0) return;
  throw new AssertionError(
    `Expected no task to wait: ${wanted}. ${list(found)}`,
  );
}

interface Search {
  readonly all: readonly EnqueuedTask[];
  readonly found: readonly EnqueuedTask[];
  /** What was looked for, in words. */
  readonly wanted: string;
}

async function search<Args extends readonly unknown[]>(
  app: Lovage,
  task: TaskOrName<Args>,
  match: EnqueuedMatch<Args>,
): Promise<Search> {
  const name = typeof task === "string" ? task : task.name;
  checkOptions("what is expected to wait", match, MATCH_CHECKS);
  const now = internalsOf(app).clock().now();
  const all = await enqueued(app);
  const found = all.filter((each) =>
    each.task === name && fits(each, match as EnqueuedMatch, now)
  );
  return { all, found, wanted: describe(name, match) };
}

async function waiting(
  app: Lovage,
  status: EnqueuedTask["status"],
): Promise<readonly EnqueuedTask[]> {
  const { broker } = await internalsOf(app).stores.open();
  const tasks: EnqueuedTask[] = [];
  let cursor: string | undefined;
  do {
    const page = await broker.inspector.tasks({ status }, {
      limit: PAGE,
      cursor,
    });
    for (const live of page.items) tasks.push(decoded(live, status));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return tasks;
}

function decoded(
  live: LiveTask,
  status: EnqueuedTask["status"],
): EnqueuedTask {
  const envelope = decodeEnvelope(live.body);
  const { args, kwargs = {} } = decodeCall(envelope);
  const { id, task, queue, priority, eta } = live;
  return {
    id,
    task,
    args,
    kwargs,
    queue,
    priority,
    status,
    eta: eta === null ? null : new Date(eta),
    expires: envelope.expires === undefined ? null : new Date(envelope.expires),
    retries: envelope.retries,
    headers: envelope.headers ?? {},
    parentId: envelope.parentId ?? null,
  };
}

function fits(task: EnqueuedTask, match: EnqueuedMatch, now: number): boolean {
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

function describe(name: string, match: object): string {
  const parts = Object.entries(match).filter(([key, value]) =>
    key !== "count" && value !== undefined
  ).map(([key, value]) => `${key} ${text(value)}`);
  return [name, ...parts].join(", ");
}

function list(tasks: readonly EnqueuedTask[]): string {
  if (tasks.length === 0) return "Nothing waits";
  const lines = tasks.slice(0, LISTED).map((task) => `\n  ${line(task)}`);
  const more = tasks.length - lines.length;
  return `What waits:${lines.join("")}${more > 0 ? `\n  … ${more} more` : ""}`;
}

function line(task: EnqueuedTask): string {
  const { args, kwargs, queue, priority, eta, retries, headers } = task;
  const given = [
    ...args.map(text),
    ...Object.entries(kwargs).map(([key, value]) => `${key}: ${text(value)}`),
  ];
  const facts = [
    `queue "${queue}"`,
    `priority ${priority}`,
    ...(eta === null ? [] : [`eta ${eta.toISOString()}`]),
    ...(retries === 0 ? [] : [`retries ${retries}`]),
    ...(Object.keys(headers).length === 0 ? [] : [`headers ${text(headers)}`]),
  ];
  return `${task.task}(${given.join(", ")}) ${facts.join(", ")}`;
}

/** A value in an error: as JSON where that says it all. */
function text(value: unknown): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return value.toISOString();
  }
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
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
