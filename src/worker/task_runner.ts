/**
 * Runs the tasks of an app, in the isolate that its module was loaded into.
 *
 * @module
 */

import type { Store } from "../contracts/store.ts";
import { findApp } from "../find_app.ts";
import { type Internals, internalsOf } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import { TaskRun } from "./run.ts";
import type { ManyRunner, Run, Runner, RunSurroundings } from "./runner.ts";

/**
 * The runner for the app of a module that was loaded into an isolate.
 *
 * @param options.store what its tasks reach broker and backend through
 * @throws {ConfigError} when the module exports no app
 */
export function loadRunner(
  module: Record<string, unknown>,
  options: { readonly store: Store | null },
): Runner {
  const app = internalsOf(findApp(module, "The module of the app"));
  if (options.store !== null) app.stores.use(options.store);
  const runner = new TaskRunner(app);
  let hostname: string | null = null;
  return {
    start(body, surroundings) {
      if (hostname === null) {
        hostname = surroundings.hostname;
        app.hooks.emit("workerProcessInit", { hostname });
      }
      return runner.start(body, surroundings);
    },
    async end() {
      // Nothing was begun that could be brought to an end.
      if (hostname === null) return;
      await app.hooks.tell("workerProcessShutdown", { hostname });
    },
  };
}

/** Runs the tasks of an app. */
export class TaskRunner implements ManyRunner {
  readonly #app: Internals;

  /** A runner for this app. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /** Starts the task that an envelope asks for. */
  start(body: string, surroundings: RunSurroundings): Run {
    return new TaskRun(this.#app, body, surroundings);
  }

  /** {@linkcode ManyRunner.each} */
  each<T extends { readonly envelope?: Envelope | undefined }>(
    jobs: readonly T[],
    start: (job: T) => void,
  ): void {
    const { current: telemetry } = this.#app.telemetry;
    if (telemetry !== null) telemetry.each(jobs, start);
    else for (const job of jobs) start(job);
  }

  /** There is nothing that it would have to end. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}
