/**
 * How a worker or a beat stops: what each signal does, and what it says.
 *
 * @module
 */

import { SIGNAL_NUMBERS, type StopSignal } from "../runtime/signals.ts";

/** What a shutdown has to do with what it stops. */
export interface Stoppable {
  /** Resolves when it has stopped, also by itself. */
  readonly stopped?: Promise<void>;
  /** Stops it; a warm stop under way becomes cold by a second call. */
  stop(mode: "warm" | "cold"): Promise<void>;
}

/** What a shutdown does outside of what it stops. */
export interface ShutdownActions {
  /** Says what happens. */
  say(stage: ShutdownStage, signal: StopSignal): void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** How far a shutdown is. */
export type ShutdownStage = "early" | "warm" | "cold" | "hard";

/**
 * The signals of one process, in order: the first stops it warmly, the second
 * coldly, the third ends the process. QUIT skips the warm stop. What has no
 * cold stop ends by the second.
 */
export class Shutdown {
  /** Settles when it has stopped, as its `stop()` does. */
  readonly stopped: Promise<void>;
  readonly #start = new AbortController();
  readonly #actions: ShutdownActions;
  readonly #hasCold: boolean;
  readonly #settle: (stopping: Promise<void>) => void;
  #running: Stoppable | null = null;
  #stage: ShutdownStage | "running" = "running";

  /**
   * A shutdown that nobody has asked for yet.
   *
   * @param hasCold whether a cold stop differs from a warm one
   */
  constructor(actions: ShutdownActions, hasCold: boolean = true) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#settle = resolve;
    this.#actions = actions;
    this.#hasCold = hasCold;
  }

  /** Aborts when it is not to start any more. */
  get starting(): AbortSignal {
    return this.#start.signal;
  }

  /** It has started; it stops if that was asked for before. */
  started(running: Stoppable): void {
    this.#running = running;
    if (this.#stage !== "running") this.#settle(running.stop("warm"));
  }

  /** A signal has arrived. */
  receive(signal: StopSignal): void {
    this.#stage = this.#next(signal);
    this.#actions.say(this.#stage, signal);
    if (this.#stage === "hard") {
      this.#actions.exit(128 + SIGNAL_NUMBERS[signal]);
    } else if (this.#stage === "early") {
      this.#start.abort();
    } else if (this.#running !== null) {
      this.#settle(this.#running.stop(this.#stage));
    }
  }

  #next(signal: StopSignal): ShutdownStage {
    const isFirst = this.#stage === "running";
    // What is starting holds nothing yet.
    if (this.#running === null) return isFirst ? "early" : "hard";
    if (this.#stage === "cold" || this.#stage === "hard") return "hard";
    if (!this.#hasCold) return isFirst ? "warm" : "hard";
    return isFirst && signal !== "QUIT" ? "warm" : "cold";
  }
}
