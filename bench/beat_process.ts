/**
 * A beat in a process of its own, and how many tasks it has sent.
 *
 * @module
 */

import { lovageBeat } from "./contestants/lovage.ts";
import { type Cost, costOf } from "./cost.ts";
import { Driver } from "./processes.ts";

/** How long it may take for anything, in milliseconds. */
const PATIENCE = 120_000;

/** A running beat. */
export class BeatProcess implements AsyncDisposable {
  readonly #driver: Driver;
  #sent = 0;
  #at = 0;
  #heard: () => void = () => {};

  /** Starts it. */
  constructor(url: string) {
    this.#driver = new Driver(lovageBeat(url), ({ sent, at }) => {
      this.#sent = Number(sent);
      this.#at = Number(at);
      this.#heard();
    });
  }

  /** What it has cost so far. */
  get cost(): Cost {
    return costOf([this.#driver.pid]);
  }

  /**
   * Waits until it has sent so many tasks.
   *
   * @returns when the store had accepted the last of them, epoch ms
   */
  async sent(count: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      reject(new Error(`Beat has sent ${this.#sent} of ${count} tasks`));
    }, PATIENCE);
    this.#heard = () => this.#sent >= count && resolve();
    this.#heard();
    const ended = this.#driver.ended.then(() => {
      throw new Error("The beat ended by itself");
    });
    try {
      await Promise.race([promise, ended]);
    } finally {
      clearTimeout(timer);
    }
    return this.#at;
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#driver[Symbol.asyncDispose]();
  }
}
