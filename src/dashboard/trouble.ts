/**
 * What is known of a store that does not answer: a driver goes on trying for a
 * while before it says what is wrong, and a viewer is not kept waiting for that.
 *
 * @module
 */

import { StoreError } from "../errors.ts";

/** A page does not wait longer for a store, in ms. */
const PATIENCE = 5_000;
/** Nor longer than this while the store is known to be away. */
const LITTLE_PATIENCE = 1_000;
/** What was wrong is taken to be wrong still for so long. */
const FRESH = 20_000;

/** The latest failure of a store, until one of its answers is right again. */
export class Trouble {
  #latest: { readonly error: StoreError; readonly at: number } | null = null;
  #since: number | null = null;

  /** Since when nothing has worked (epoch ms); `null` while things work. */
  get since(): number | null {
    return this.#since;
  }

  /** How long a page waits for the store, in ms. */
  patience(now: number): number {
    return this.#current(now) === null ? PATIENCE : LITTLE_PATIENCE;
  }

  /** A store has failed. */
  note(error: StoreError, now: number): void {
    this.#since ??= now;
    this.#latest = { error, at: now };
  }

  /** A store has answered. */
  clear(): void {
    this.#latest = this.#since = null;
  }

  /**
   * The error for who has waited long enough: what a driver said, if it is
   * known.
   */
  late(now: number, otherwise: StoreError = lateForPage()): StoreError {
    this.#since ??= now;
    return this.#current(now) ?? otherwise;
  }

  #current(now: number): StoreError | null {
    const latest = this.#latest;
    return latest !== null && now - latest.at < FRESH ? latest.error : null;
  }
}

function lateForPage(): StoreError {
  return new StoreError(
    `The store has not answered within ${PATIENCE / 1_000} s: see whether ` +
      "its server runs and is not overloaded, and whether the network lets " +
      "this machine through",
  );
}
