/**
 * The system's clock.
 *
 * @module
 */

import { clearTimeout, setTimeout } from "node:timers";
import type { Clock } from "../../src/contracts/mod.ts";

/** Reads the system's time and waits with its timers. */
export const systemClock: Clock = Object.freeze({
  now: (): number => Date.now(),
  timer(ms: number, callback: () => void): () => void {
    const handle = setTimeout(callback, ms);
    handle.unref();
    return () => clearTimeout(handle);
  },
});
