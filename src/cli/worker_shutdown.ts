/**
 * How a worker stops: what each signal does, and what it says.
 *
 * @module
 */

import { SIGNAL_NUMBERS, type StopSignal } from "../runtime/signals.ts";

/** What a shutdown has to do with a worker. */
export interface Stoppable {
  /** Stops it; a warm stop under way becomes cold by a second call. */
  stop(mode: "warm" | "cold"): Promise<void>;
}

/** What a shutdown does outside of the worker. */
export interface ShutdownActions {
  /** Says what happens. */
  say(stage: ShutdownStage, signal: StopSignal): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** How far a shutdown is. */
export type ShutdownStage = "early" | "warm" | "cold" | "hard";

/**
 * The signals of one worker, in order: the first stops it warmly, the second
 * coldly, the third ends the process. QUIT skips the warm stop.
 */
export class Shutdown {
  /** Settles when the worker has stopped, as its `stop()` does. */
  readonly stopped: Promise<void>;
  readonly #start = new AbortController();
  readonly #actions: ShutdownActions;
  readonly #settle: (stopping: Promise<void>) => void;
  #worker: Stoppable | null = null;
  #stage: ShutdownStage | "running" = "running";

  /** A shutdown that nobody has asked for yet. */
  constructor(actions: ShutdownActions) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#settle = resolve;
    this.#actions = actions;
  }

  /** Aborts when the worker is not to start any more. */
  get starting(): AbortSignal {
    return this.#start.signal;
  }

  /** The worker has started; it stops if that was asked for before. */
  started(worker: Stoppable): void {
    this.#worker = worker;
    if (this.#stage !== "running") this.#settle(worker.stop("warm"));
  }

  /** A signal has arrived. */
  receive(signal: StopSignal): void {
    this.#stage = this.#next(signal);
    this.#actions.say(this.#stage, signal);
    if (this.#stage === "hard") {
      this.#actions.exit(128 + SIGNAL_NUMBERS[signal]);
    } else if (this.#stage === "early") {
      this.#start.abort();
    } else if (this.#worker !== null) {
      this.#settle(this.#worker.stop(this.#stage));
    }
  }

  #next(signal: StopSignal): ShutdownStage {
    // A worker that is starting holds no tasks yet.
    if (this.#worker === null) {
      return this.#stage === "running" ? "early" : "hard";
    }
    if (this.#stage === "cold" || this.#stage === "hard") return "hard";
    return this.#stage === "running" && signal !== "QUIT" ? "warm" : "cold";
  }
}
