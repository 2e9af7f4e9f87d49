/**
 * Fits the pool to the work: it grows at once when tasks wait for a slot, and
 * shrinks when slots were not needed for a while. What runs is never touched.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { AutoscaleRange } from "../control/autoscale.ts";

/** What an autoscaler works with. */
export interface AutoscalerParts {
  /** How many tasks are held that run or wait for a slot. */
  readonly held: () => number;
  /** Gives the pool so many slots; what runs in those that go ends there. */
  readonly resize: (slots: number) => void;
  /** Where time comes from. */
  readonly clock: Clock;
}

// A slot goes when nothing needed it in so many windows, each of so many ms.
const WINDOWS = 3;
const WINDOW = 10_000;

/** Fits the pool of one worker; without a range it does nothing. */
export class Autoscaler {
  readonly #parts: AutoscalerParts;
  #range: AutoscaleRange | null = null;
  #slots = 0;
  /** The most slots that were needed in each window, this one last. */
  #peaks: number[] = [];
  #cancelLook: (() => void) | null = null;
  #stopped = false;

  /** A pool keeps its size before a range is set. */
  constructor(parts: AutoscalerParts) {
    this.#parts = parts;
  }

  /** Between how many and how many; `null` where the pool has a fixed size. */
  get range(): AutoscaleRange | null {
    return this.#range;
  }

  /**
   * Keeps the pool within this range from now on.
   *
   * @param slots how many it has
   */
  set(range: AutoscaleRange, slots: number): void {
    this.#range = range;
    this.#slots = slots;
    const fit = Math.min(Math.max(slots, range.min), range.max);
    if (fit !== slots) this.#resize(fit);
    this.need(this.#parts.held());
  }

  /** So many tasks are held that run or wait for a slot. */
  need(held: number): void {
    if (this.#range === null || this.#stopped) return;
    const slots = Math.min(held, this.#range.max);
    const last = this.#peaks.length - 1;
    if (last >= 0 && slots > (this.#peaks[last] ?? 0)) {
      this.#peaks[last] = slots;
    }
    if (slots > this.#slots) this.#resize(slots);
    this.#lookLater();
  }

  /** Changes the pool no more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelLook?.();
  }

  #resize(slots: number): void {
    this.#slots = slots;
    this.#parts.resize(slots);
  }

  // A pool that is as small as may be needs no looking after.
  #lookLater(): void {
    const { clock, held } = this.#parts;
    if (this.#range === null || this.#slots <= this.#range.min) return;
    if (this.#cancelLook !== null || this.#stopped) return;
    if (this.#peaks.length === 0) this.#peaks = [held()];
    this.#cancelLook = clock.timer(WINDOW, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  #look(): void {
    if (this.#range === null) return;
    const held = this.#parts.held();
    if (this.#peaks.length === WINDOWS) {
      const needed = Math.max(...this.#peaks, held, this.#range.min);
      if (needed < this.#slots) this.#resize(needed);
      this.#peaks.shift();
    }
    // What is held now is needed in the window that begins.
    this.#peaks.push(held);
    if (this.#slots <= this.#range.min) this.#peaks = [];
    this.#lookLater();
  }
}
