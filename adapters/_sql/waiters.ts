/**
 * Calls of this process that wait for work.
 *
 * @module
 */

/** One call that waits. */
export interface Waiter {
  /** Resolves at the first wake-up. */
  readonly woken: Promise<void>;
  /** Wakes it. */
  readonly wake: () => void;
  /** Ends the waiting. */
  readonly end: () => void;
}

/** Who waits, and for which queues. */
export class Waiters {
  readonly #waiting = new Map<() => void, readonly string[]>();

  /** Adds one that waits for work in these queues. */
  add(queues: readonly string[]): Waiter {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(resolve, queues);
    return {
      woken: promise,
      wake: resolve,
      end: () => void this.#waiting.delete(resolve),
    };
  }

  /** Wakes those who wait for one of these queues. */
  wake(queues: Iterable<string>): void {
    if (this.#waiting.size === 0) return;
    const names = new Set(queues);
    for (const [wake, waited] of this.#waiting) {
      if (waited.some((queue) => names.has(queue))) wake();
    }
  }

  /** Wakes everybody. */
  wakeAll(): void {
    for (const wake of this.#waiting.keys()) wake();
  }
}
