/**
 * The system's time.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";

/** A longer timer would fire at once; who waits looks at the time again. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  timer(ms, callback) {
    const timer: unknown = setTimeout(callback, Math.min(ms, LONGEST_TIMER));
    (timer as { unref?(): void }).unref?.();
    return () => clearTimeout(timer as number);
  },
};

/** Resolves after `ms`, or when the signal aborts. */
export function pause(
  clock: Clock,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.timer(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
