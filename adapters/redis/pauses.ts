/**
 * Pauses between tries.
 *
 * @module
 */

import { unheldTimer } from "./clock.ts";

/** The pauses of whoever tries again; closing ends them. */
export class Pauses {
  readonly #ends = new Set<() => void>();
  #isOver = false;

  /**
   * Resolves after a while that is no longer than `ms`, or once they are
   * ended.
   *
   * @param holds whether it keeps the process alive, since somebody waits
   * @param signal aborted when nobody waits any more, which ends it
   */
  pause(ms: number, holds: boolean, signal?: AbortSignal): Promise<void> {
    if (this.#isOver || signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const length = ms * (0.5 + Math.random() / 2);
    const end = () => {
      cancel();
      this.#ends.delete(end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = holds ? heldTimer(length, end) : unheldTimer(length, end);
    this.#ends.add(end);
    signal?.addEventListener("abort", end);
    return promise;
  }

  /** Ends those that last; there are no more. */
  end(): void {
    this.#isOver = true;
    for (const end of this.#ends) end();
  }
}

function heldTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
