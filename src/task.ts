/**
 * A task: a typed function with a name, that can be called here, sent to a
 * worker, or written down as a signature.
 *
 * @module
 */

import type { StandardSchema } from "./contracts/schema.ts";
import type { Settings } from "./settings.ts";
import { TaskContext } from "./context.ts";
import { ConfigError } from "./errors.ts";
import { isName, show } from "./options.ts";
import type { AsyncResult } from "./producer/async_result.ts";
import { type CallOptions, checkCallOptions } from "./producer/call_options.ts";
import type { Sender } from "./producer/sender.ts";
import { Signature } from "./producer/signature.ts";
import {
  checkTaskOptions,
  type TaskOptions,
  type TaskSchema,
} from "./task_options.ts";
import { type TaskPolicy, taskPolicy } from "./task_policy.ts";

/** The arguments of a call that take nothing but the first. */
export type Rest<Args extends readonly unknown[]> = Args extends
  readonly [unknown?, ...infer Others] ? Others : [];

/**
 * What a signature with all arguments needs: nothing. Where the task could not
 * take one more either, it is `readonly []`, and nothing can be handed to it.
 */
export type Full<Args extends readonly unknown[]> = number extends
  Args["length"] ? []
  : Args extends readonly [] ? []
  : Args["length"] extends Required<Args>["length"] ? readonly []
  : [];

/** The first argument alone, as a list; no arguments, no list. */
export type First<Args extends readonly unknown[]> = Args extends
  readonly [infer Head, ...unknown[]] ? [Head]
  : Args extends readonly [(infer Head)?, ...unknown[]] ? [Head?]
  : [];

/** The arguments that schemas accept at the call. */
export type SchemaInputs<S extends TaskSchema> = S extends
  StandardSchema<infer Input, unknown> ? [Input]
  : S extends { readonly args: infer List extends readonly StandardSchema[] }
    ? InputsOf<List>
  : unknown[];

/** What each of a list of schemas accepts. */
export type InputsOf<List extends readonly StandardSchema[]> = {
  -readonly [Index in keyof List]: List[Index] extends
    StandardSchema<infer Input, unknown> ? Input : never;
};

/** The arguments that schemas hand to the function. */
export type SchemaOutputs<S extends TaskSchema> = S extends
  StandardSchema<unknown, infer Output> ? [Output]
  : S extends { readonly args: infer List extends readonly StandardSchema[] }
    ? OutputsOf<List>
  : unknown[];

/** What each of a list of schemas hands on. */
export type OutputsOf<List extends readonly StandardSchema[]> = {
  -readonly [Index in keyof List]: List[Index] extends
    StandardSchema<unknown, infer Output> ? Output : never;
};

/** What the function may return under a schema of the result. */
export type SchemaReturn<S extends TaskSchema> = S extends
  { readonly result: StandardSchema<infer Input, unknown> } ? Input
  : unknown;

/** What callers get under a schema of the result. */
export type SchemaResult<S extends TaskSchema, R> = S extends
  { readonly result: StandardSchema<unknown, infer Output> } ? Output
  : Awaited<R>;

/** Options of a task whose arguments are typed by its function. */
export type PlainTaskOptions<
  // deno-lint-ignore no-explicit-any -- stands for the arguments of any task
  Args extends readonly unknown[] = any[],
> = Omit<TaskOptions<Args>, "schema" | "bind">;

/** Options of a task whose arguments are typed by schemas. */
export type SchemaTaskOptions<S extends TaskSchema> =
  & Omit<TaskOptions<SchemaInputs<S>>, "schema" | "bind">
  & { readonly schema: S };

/**
 * A task. Calling it runs its function here and now, as in a unit test.
 *
 * @typeParam Args what it takes
 * @typeParam R what it returns
 */
export interface Task<Args extends readonly unknown[], R> {
  /** Runs the function here, without schemas, hooks, retries or limits. */
  (...args: Args): R | Promise<R>;
  /** The task's name. */
  readonly name: string;
  /** The options that it was defined with. */
  readonly options: TaskOptions;
  /** Sends it. */
  delay(...args: Args): Promise<AsyncResult<R>>;
  /** Sends it with options. */
  applyAsync(args: Args, options?: CallOptions): Promise<AsyncResult<R>>;
  /** Runs it here and now, through everything that a worker does. */
  apply(args: Args, options?: CallOptions): Promise<AsyncResult<R>>;
  /** A signature with all arguments; it takes no result of another task. */
  s(...args: Args): Signature<Full<Args>, R>;
  /** A signature that still needs the first argument: of its predecessor. */
  s(...args: Rest<Args>): Signature<First<Args>, R>;
  /** A signature that still needs all of its arguments, as errbacks do. */
  s(): Signature<Args, R>;
  /** A signature that takes nothing from its predecessor. */
  si(...args: Args): Signature<[], R>;
  /** A signature with all arguments and options. */
  signature(args: Args, options?: CallOptions): Signature<Full<Args>, R>;
  /** How it is run and retried under these settings. */
  policy(settings: Settings): TaskPolicy;
  /** Runs the function; bound ones ask for their context. */
  run(self: () => TaskContext, args: readonly unknown[]): unknown;
}

/** Any task, whatever it takes and returns. */
// deno-lint-ignore no-explicit-any -- stands for every task
export type AnyTask = Task<any, any>;

/** The function of a task, with or without its context first. */
export type TaskFunction = (...args: never[]) => unknown;

/**
 * Makes a task.
 *
 * @throws {ConfigError} for a bad name, function or option
 */
export function createTask(
  sender: Sender,
  name: string,
  options: TaskOptions,
  fn: TaskFunction,
): AnyTask {
  checkDefinition(name, options, fn);
  const call = fn as (...args: unknown[]) => unknown;
  const run = (self: () => TaskContext, args: readonly unknown[]): unknown =>
    options.bind === true ? call(self(), ...args) : call(...args);
  const direct = (...args: unknown[]): unknown =>
    run(() => TaskContext.direct(name, args), args);
  // A worker has settings of its own beside those of its app.
  const policies = new WeakMap<Settings, TaskPolicy>();
  const members: Omit<AnyTask, "name"> = {
    options,
    delay: (...args: unknown[]) => sender.send(name, args, {}),
    applyAsync: (args: unknown[], callOptions: CallOptions = {}) => {
      checkCallOptions(name, callOptions);
      return sender.send(name, args, callOptions);
    },
    apply: (args: unknown[], callOptions: CallOptions = {}) => {
      checkCallOptions(name, callOptions);
      return sender.apply(name, args, callOptions);
    },
    s: (...args: unknown[]) => new Signature(sender, name, args),
    si: (...args: unknown[]) => new Signature(sender, name, args, {}, true),
    signature: (args: unknown[], callOptions: CallOptions = {}) =>
      new Signature(sender, name, args, callOptions),
    policy: (settings) => {
      let policy = policies.get(settings);
      if (policy === undefined) {
        policy = taskPolicy(name, options, settings);
        policies.set(settings, policy);
      }
      return policy;
    },
    run,
  };
  Object.defineProperty(direct, "name", { value: name });
  return Object.assign(direct, members) as AnyTask;
}

function checkDefinition(
  name: string,
  options: TaskOptions,
  fn: TaskFunction,
): void {
  if (isName(name) !== null) {
    throw new ConfigError(
      `A task needs a name, such as "images.resize", but was given ${
        show(name)
      }`,
    );
  }
  if (typeof fn !== "function") {
    throw new ConfigError(
      `Task "${name}" needs a function as its last argument, but was given ${
        show(fn)
      }`,
    );
  }
  checkTaskOptions(name, options);
}
