/**
 * The time of the store, between two looks at it. All beats go by it, however
 * far apart the clocks of their machines are.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";

/** A wait that took longer or shorter than this (ms) was no wait. */
const TOLERANCE = 1_000;

/** Keeps the distance from this machine's clock to the store's. */
export class StoreTime {
  readonly #clock: Clock;
  #ahead = 0;

  /** The clocks are taken to agree until the store was asked. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes over what the store said. */
  set(now: number): void {
    this.#ahead = now - this.#clock.now();
  }

  /** The store's time, epoch ms. */
  now(): number {
    return this.#clock.now() + this.#ahead;
  }

  /**
   * Whether this machine's clock was set while it waited: the store must be
   * asked anew.
   *
   * @param until when the wait was to end
   */
  wasSet(until: number): boolean {
    return Math.abs(this.now() - until) > TOLERANCE;
  }
}
