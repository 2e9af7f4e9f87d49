/**
 * `lovage list`: the tasks of the app and their options.
 *
 * @module
 */

import type { Command } from "commander";
import type { Internals } from "../internals.ts";
import { rateText } from "../options.ts";
import { limitWords } from "../control/limit_words.ts";
import { Router } from "../producer/router.ts";
import type { AnyTask } from "../task.ts";
import { namedApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { count, span } from "../words.ts";
import { table } from "./table.ts";

/** A task as the list shows it. Times are ms, rates are per second. */
export interface ListedTask {
  /** Its name. */
  readonly task: string;
  /** Where it goes, unless the call says otherwise. */
  readonly queue: string;
  /** 0 (first) to 9. */
  readonly priority: number;
  /** When it is asked to stop. */
  readonly softTimeLimit: number | null;
  /** When it is ended by force. */
  readonly timeLimit: number | null;
  /** Starts per second and worker. */
  readonly rateLimit: number | null;
  readonly limits: Readonly<Record<string, string>>;
  /** Retries after the first run; `null` is without end. */
  readonly maxRetries: number | null;
  /** Whether it retries by itself. */
  readonly autoretry: boolean;
  /** Whether it is acknowledged after the run. */
  readonly acksLate: boolean;
  /** Whether no result is stored. */
  readonly ignoreResult: boolean;
  /** When a call of it is out of date. */
  readonly expires: number | null;
  /** Memory that its host may hold, in bytes. */
  readonly memoryLimit: number | null;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command.action(async () => {
    const { internals } = await namedApp(cli);
    const tasks = listTasks(internals);
    cli.out.show(tasks, () => text(tasks, internals.name));
  });
}

/** The tasks of an app, by name. */
export function listTasks(app: Internals): readonly ListedTask[] {
  return [...app.tasks.values()]
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .map((task) => describe(app, task));
}

function describe(app: Internals, task: AnyTask): ListedTask {
  const settings = app.settings();
  const policy = task.policy(settings);
  const route = routeOf(app, task.name);
  const { queue, priority, autoretryFor } = task.options;
  return {
    task: task.name,
    queue: route.queue ?? queue ?? settings.taskDefaultQueue,
    priority: route.priority ?? priority ?? settings.taskDefaultPriority,
    softTimeLimit: policy.softTimeLimit,
    timeLimit: policy.timeLimit,
    rateLimit: policy.rateLimit,
    limits: limitWords(policy.limits),
    maxRetries: policy.maxRetries,
    autoretry: (autoretryFor ?? []).length > 0,
    acksLate: policy.acksLate,
    ignoreResult: policy.ignoreResult,
    expires: policy.expires,
    memoryLimit: policy.memoryLimit,
  };
}

function routeOf(
  app: Internals,
  task: string,
): { queue?: string | undefined; priority?: number | undefined } {
  try {
    return new Router(app.settings().taskRoutes).route(task, []);
  } catch {
    // A route function that wants arguments; it decides at the call.
    return {};
  }
}

function text(tasks: readonly ListedTask[], app: string): string {
  if (tasks.length === 0) {
    return `App "${app}" has no tasks: its module must define them, or import the modules that do`;
  }
  const rows = tasks.map((task) => [
    task.task,
    task.queue,
    task.priority,
    limitText(task.softTimeLimit),
    limitText(task.timeLimit),
    task.rateLimit === null ? "-" : rateText(task.rateLimit),
    task.maxRetries === null ? "no end" : task.maxRetries,
    notes(task),
  ]);
  const header = [
    "TASK",
    "QUEUE",
    "PRIORITY",
    "SOFT LIMIT",
    "HARD LIMIT",
    "RATE",
    "RETRIES",
    "NOTES",
  ];
  return `${table(header, rows)}\n\n${
    count(tasks.length, "task")
  } of app "${app}"`;
}

function limitText(ms: number | null): string {
  return ms === null ? "-" : span(ms);
}

function notes(task: ListedTask): string {
  return [
    ...Object.entries(task.limits).map(([name, words]) => `${name} ${words}`),
    task.autoretry ? "retries by itself" : "",
    task.acksLate ? "" : "at most once",
    task.ignoreResult ? "no result" : "",
    task.expires === null ? "" : `expires after ${span(task.expires)}`,
    task.memoryLimit === null
      ? ""
      : `memory ${Math.round(task.memoryLimit / 2 ** 20)} MiB`,
  ].filter((note) => note !== "").join(", ");
}
