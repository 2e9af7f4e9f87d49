/**
 * The tasks that canvases need beside those of the user. Every worker knows
 * them; they are in no list of registered tasks.
 *
 * @module
 */

import { NotRegisteredError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { type AnyTask, createTask } from "../task.ts";
import type { TaskOptions } from "../task_options.ts";
import { COLLECT, collect } from "./collect.ts";
import { GUARD, guard } from "./guard.ts";

/** Calls a task for each item. */
export const MAP = "lovage.map";
/** Calls a task for each list of arguments. */
export const STARMAP = "lovage.starmap";

/** The registered tasks of an app, which also knows its built-in ones. */
export class TaskRegistry extends Map<string, AnyTask> {
  readonly #builtins = new Map<string, AnyTask>();

  /** Adds the built-in tasks, which are not listed. */
  addBuiltins(app: Internals): void {
    const call = async (name: string, args: readonly unknown[]) => {
      const task = this.get(name);
      if (task !== undefined) {
        return await (task as (...args: unknown[]) => unknown)(...args);
      }
      throw new NotRegisteredError(
        `No task named "${name}" is registered in app "${app.name}"`,
      );
    };
    const each = async (
      name: string,
      lists: readonly (readonly unknown[])[],
    ) => {
      const results: unknown[] = [];
      for (const args of lists) results.push(await call(name, args));
      return results;
    };
    this.#add(app, COLLECT, collect);
    this.#add(
      app,
      GUARD,
      (groups: Parameters<typeof guard>[1], last: string) =>
        guard(app, groups, last),
      { autoretryFor: [Error], retryBackoff: true, maxRetries: 10 },
    );
    this.#add(app, STARMAP, each);
    this.#add(
      app,
      MAP,
      (name: string, items: readonly unknown[]) =>
        each(name, items.map((item) => [item])),
    );
  }

  /** A task by its name, also a built-in one. */
  override get(name: string): AnyTask | undefined {
    return super.get(name) ?? this.#builtins.get(name);
  }

  #add(
    app: Internals,
    name: string,
    fn: (...args: never[]) => unknown,
    options: TaskOptions = {},
  ): void {
    this.#builtins.set(name, createTask(app.producer, name, options, fn));
  }
}
