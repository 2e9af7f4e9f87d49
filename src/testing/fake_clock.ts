/**
 * A clock that stands still until it is told to go on.
 *
 * @module
 */

import type { Clock } from "../contracts/mod.ts";
import { show } from "../options.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A {@linkcode Clock} for tests: time passes only by {@linkcode advance}, and
 * the timers that fall due on the way are called in their order.
 *
 * @example
 * ```ts
 * import { FakeClock } from "@lovage/lovage/testing";
 *
 * const clock = new FakeClock(0);
 * clock.timer(1_000, () => console.log("a second later"));
 * clock.advance(1_000);
 * ```
 */
export class FakeClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  /**
   * Makes a clock.
   *
   * @param start the first time, epoch ms; by default the start of 2026
   */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  /** The time at which the clock stands (epoch ms). */
  now(): number {
    return this.#now;
  }

  /** How many timers wait for their time. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Calls back when the clock has been advanced by `ms` milliseconds. */
  timer(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /**
   * Lets `ms` milliseconds pass. Timers that fall due are called before it
   * returns, each at its time; also those that such a call starts.
   *
   * @throws {TypeError} for anything but a number: text has no unit here
   */
  advance(ms: number): void {
    checkMs(ms);
    const end = this.#now + ms;
    for (
      let timer = this.#next(end);
      timer !== undefined;
      timer = this.#next(end)
    ) {
      const due = timer;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }

  /**
   * The same, but after each timer, and at the end, what it has set going
   * gets a turn: promises settle, and timers that they start count too.
   *
   * @throws {TypeError} for anything but a number: text has no unit here
   */
  async advanceAsync(ms: number): Promise<void> {
    checkMs(ms);
    const end = this.#now + ms;
    await turn();
    for (
      let timer = this.#next(end);
      timer !== undefined;
      timer = this.#next(end)
    ) {
      this.advance(Math.max(0, timer.at - this.#now));
      await turn();
    }
    this.advance(end - this.#now);
    await turn();
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (next === undefined || timer.at < next.at) next = timer;
    }
    return next;
  }
}

// What is no number would be appended to the time, or stop it for good.
function checkMs(ms: unknown): void {
  if (Number.isFinite(ms)) return;
  throw new TypeError(
    `A clock advances by a number of milliseconds, such as 5_000, not by ${
      show(ms)
    }`,
  );
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
