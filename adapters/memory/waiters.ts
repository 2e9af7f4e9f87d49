/**
 * Calls that wait for work.
 *
 * @module
 */

/** Who waits, and for which queues. */
export class Waiters {
  readonly #waiting = new Map<() => void, readonly string[]>();

  /** Wakes those who wait for this queue; without one, everybody. */
  wake(queue?: string): void {
    for (const [wake, queues] of this.#waiting) {
      if (queue === undefined || queues.includes(queue)) wake();
    }
  }

  /**
   * Resolves at the next wake-up, or when the signal ends the wait.
   *
   * @param arm starts what else may wake the caller and returns what stops it
   */
  wait(
    queues: readonly string[],
    signal: AbortSignal,
    arm: (wake: () => void) => () => void,
  ): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        if (!this.#waiting.delete(wake)) return;
        signal.removeEventListener("abort", wake);
        disarm();
        resolve();
      };
      this.#waiting.set(wake, queues);
      signal.addEventListener("abort", wake);
      const disarm = arm(wake);
    });
  }
}
