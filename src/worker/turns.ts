/**
 * What was admitted, but waits for its turn under a rate limit of this worker.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import type { Held } from "./in_flight.ts";

/** Who waits for a turn, by the key of the job. */
export class Turns {
  readonly #app: Internals;
  readonly #onTurn: (held: Held) => void;
  readonly #waiting = new Map<number, () => void>();

  /** @param onTurn told when it is the turn of one */
  constructor(app: Internals, onTurn: (held: Held) => void) {
    this.#app = app;
    this.#onTurn = onTurn;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether this one waits. */
  has(key: number): boolean {
    return this.#waiting.has(key);
  }

  /** Has one wait for so many ms. */
  wait(held: Held, ms: number): void {
    const { key } = held.job;
    const cancel = this.#app.clock().timer(ms, () => {
      this.#waiting.delete(key);
      this.#onTurn(held);
    });
    this.#waiting.set(key, cancel);
  }

  /** Has it wait no longer. Returns whether it did. */
  take(key: number): boolean {
    this.#waiting.get(key)?.();
    return this.#waiting.delete(key);
  }

  /** Has nobody wait any longer. Returns who did. */
  takeAll(): readonly number[] {
    const keys = [...this.#waiting.keys()];
    for (const key of keys) this.take(key);
    return keys;
  }
}
