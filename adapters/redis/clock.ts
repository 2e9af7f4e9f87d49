/**
 * The system's clock.
 *
 * @module
 */

import type { Clock } from "../../src/contracts/mod.ts";

/** No timer is longer: a time may be further off than timers can count. */
export const LONGEST_TIMER = 3_600_000;

/** Reads the system's time and waits with its timers. */
export const systemClock: Clock = Object.freeze({
  now: (): number => Date.now(),
  timer(ms: number, callback: () => void): () => void {
    return unheldTimer(ms, callback);
  },
});

/** Calls back after `ms`, and does not keep the process alive for it. */
export function unheldTimer(ms: number, callback: () => void): () => void {
  const handle: unknown = setTimeout(callback, ms);
  // Where a timer is an object it can be kept from holding the process.
  (handle as { unref?: () => void }).unref?.();
  return () => clearTimeout(handle as number);
}
