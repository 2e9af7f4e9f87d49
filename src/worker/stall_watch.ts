/**
 * Looks after what is held ahead: tasks that turn out long must not keep
 * others waiting that another worker could run.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { Demand } from "./demand.ts";

// Held and not started for so long (ms), while nothing ends: given back.
const PATIENCE = 200;

/** What holds deliveries. */
export interface Holder {
  /** How many deliveries run or wait for a slot. */
  readonly held: number;
  /** Gives back what waits for a slot. */
  recall(): void;
}

/** Watches what one worker holds, by one timer while there is more than runs. */
export class StallWatch {
  readonly #holder: Holder;
  readonly #demand: Demand;
  readonly #clock: Clock;
  #lastTaken = 0;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  /** @param demand learns of stalls, and how many tasks run at a time */
  constructor(holder: Holder, demand: Demand, clock: Clock) {
    this.#holder = holder;
    this.#demand = demand;
    this.#clock = clock;
  }

  /** Deliveries come in (epoch ms): they are given time. */
  taken(at: number): void {
    this.#lastTaken = at;
  }

  /** Watches what is held by now. */
  watch(): void {
    if (this.#cancelTimer !== null || this.#waiting <= 0) return;
    const endedBefore = this.#demand.total;
    this.#cancelTimer = this.#clock.timer(PATIENCE, () => {
      this.#cancelTimer = null;
      this.#look(endedBefore);
    });
  }

  /** Watches no more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /** How many wait for a slot. */
  get #waiting(): number {
    return this.#holder.held - this.#demand.slots;
  }

  #look(endedBefore: number): void {
    if (this.#stopped || this.#waiting <= 0) return;
    const now = this.#clock.now();
    const ended = this.#demand.total - endedBefore;
    if (ended < this.#waiting && now - this.#lastTaken >= PATIENCE) {
      this.#demand.stalled(now);
      this.#holder.recall();
    } else this.watch();
  }
}
