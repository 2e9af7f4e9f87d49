/**
 * The system's clock.
 *
 * @module
 */

import type { Clock } from "../../src/contracts/mod.ts";

/** Reads the system's time and waits with its timers. */
export const systemClock: Clock = Object.freeze({
  now: (): number => Date.now(),
  timer(ms: number, callback: () => void): () => void {
    const handle = unheldTimer(ms, callback);
    return () => clearTimeout(handle);
  },
});

/** Calls back after `ms`, and does not keep the process alive for it. */
export function unheldTimer(
  ms: number,
  callback: () => void,
): ReturnType<typeof setTimeout> {
  const handle = setTimeout(callback, ms);
  // Where a timer is an object it can be kept from holding the process.
  (handle as { unref?: () => void }).unref?.();
  return handle;
}
