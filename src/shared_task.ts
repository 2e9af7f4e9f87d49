/**
 * Tasks that are declared before any app exists, as libraries do: they belong
 * to every app, and are sent by the one that was made last.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import type { Sender } from "./producer/sender.ts";
import {
  type AnyTask,
  createTask,
  type PlainTaskOptions,
  type SchemaInputs,
  type SchemaOutputs,
  type SchemaResult,
  type SchemaReturn,
  type SchemaTaskOptions,
  type Task,
  type TaskFunction,
} from "./task.ts";
import type { TaskContext } from "./context.ts";
import type { Known } from "./task_limits.ts";
import type { TaskOptions, TaskSchema } from "./task_options.ts";

const shared = new Map<string, AnyTask>();
const registries = new Set<WeakRef<Map<string, AnyTask>>>();
let current: Sender | null = null;

function currentSender(): Sender {
  if (current === null) {
    throw new ConfigError(
      "A shared task was called before there was an app to send it: make one with new Lovage(name)",
    );
  }
  return current;
}

const viaCurrentApp: Sender = {
  send: (...args) => currentSender().send(...args),
  sendMany: (...args) => currentSender().sendMany(...args),
  apply: (...args) => currentSender().apply(...args),
  launch: (...args) => currentSender().launch(...args),
  launchEagerly: (...args) => currentSender().launchEagerly(...args),
};

/** Declares a task that belongs to every app. */
export function sharedTask<Args extends readonly unknown[], R>(
  name: string,
  fn: (...args: Args) => R,
): Task<Args, Awaited<R>>;
/** Declares a task that belongs to every app, typed by schemas, context first. */
export function sharedTask<
  const S extends TaskSchema,
  R extends SchemaReturn<S> | Promise<SchemaReturn<S>>,
>(
  name: string,
  options: SchemaTaskOptions<S> & { readonly bind: true },
  fn: (self: TaskContext, ...args: SchemaOutputs<S>) => R,
): Task<SchemaInputs<S>, SchemaResult<S, R>>;
/** Declares a task that belongs to every app, typed by schemas. */
export function sharedTask<
  const S extends TaskSchema,
  R extends SchemaReturn<S> | Promise<SchemaReturn<S>>,
>(
  name: string,
  options: SchemaTaskOptions<S> & { readonly bind?: false },
  fn: (...args: SchemaOutputs<S>) => R,
): Task<SchemaInputs<S>, SchemaResult<S, R>>;
/** Declares a task with options that belongs to every app, context first. */
export function sharedTask<Args extends readonly unknown[], R>(
  name: string,
  options: PlainTaskOptions & { readonly bind: true },
  fn: (self: TaskContext, ...args: Args) => R,
): Task<Args, Awaited<R>>;
/** Declares a task with options that belongs to every app. */
export function sharedTask<Args extends readonly unknown[], R>(
  name: string,
  options: PlainTaskOptions<Known<Args>> & { readonly bind?: false },
  fn: (...args: Args) => R,
): Task<Args, Awaited<R>>;
export function sharedTask(
  name: string,
  optionsOrFn: TaskOptions | TaskFunction,
  fn?: TaskFunction,
): AnyTask {
  if (shared.has(name)) {
    throw new ConfigError(`A shared task named "${name}" is declared already`);
  }
  const task = typeof optionsOrFn === "function"
    ? createTask(viaCurrentApp, name, {}, optionsOrFn)
    : createTask(viaCurrentApp, name, optionsOrFn, fn as TaskFunction);
  const apps = [...registries].flatMap((registry) => registry.deref() ?? []);
  if (apps.some((tasks) => tasks.has(name))) {
    throw new ConfigError(
      `A shared task cannot be named "${name}": an app has a task of this name already`,
    );
  }
  shared.set(name, task);
  for (const tasks of apps) tasks.set(name, task);
  return task;
}

/** Gives an app the shared tasks, those to come as well. */
export function joinSharedTasks(
  registry: Map<string, AnyTask>,
  sender: Sender,
): void {
  for (const [name, task] of shared) registry.set(name, task);
  registries.add(new WeakRef(registry));
  current = sender;
}
