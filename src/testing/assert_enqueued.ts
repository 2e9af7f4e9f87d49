/**
 * Makes sure that tasks wait, or do not.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import { internalsOf } from "../internals.ts";
import type { Task } from "../task.ts";
import { AssertionError } from "./assertion_error.ts";
import { enqueued, type EnqueuedTask } from "./enqueued.ts";
import { checkMatch, type EnqueuedMatch, fits } from "./enqueued_match.ts";

/** A task or its name. */
export type TaskOrName<Args extends readonly unknown[]> =
  | Task<Args, unknown>
  | string;

// How many tasks an error lists.
const LISTED = 20;

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
  checkMatch(match);
  const now = internalsOf(app).clock().now();
  const all = await enqueued(app);
  const found = all.filter((each) =>
    each.task === name && fits(each, match as EnqueuedMatch, now)
  );
  return { all, found, wanted: describe(name, match) };
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
