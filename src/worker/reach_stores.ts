/**
 * Opens the stores of a worker, and tries again while they are away.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { StoreError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { OpenStores } from "../producer/stores.ts";
import { pause } from "../service/clock.ts";

const log = getLogger(["lovage", "worker"]);

// Pauses between tries grow by the first up to the longest (ms).
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/**
 * The opened stores.
 *
 * @throws {StoreError} when they are misused, or stay away for longer than
 * `brokerConnectionMaxRetries` allows
 */
export async function reachStores(app: Internals): Promise<OpenStores> {
  const { brokerConnectionRetryOnStartup, brokerConnectionMaxRetries } = app
    .settings();
  const most = brokerConnectionRetryOnStartup
    ? brokerConnectionMaxRetries ?? Infinity
    : 0;
  for (let tries = 1;; tries++) {
    try {
      const stores = await app.stores.open();
      if (tries > 1) log.info("The store is back");
      return stores;
    } catch (error) {
      if (!(error instanceof StoreError && error.transient) || tries > most) {
        throw error;
      }
      const ms = Math.min(FIRST_PAUSE * tries, LONGEST_PAUSE);
      log.warn("{error}. Trying again in {seconds} s ({tries} of {most})", {
        error: error.message,
        seconds: ms / 1000,
        tries,
        most: most === Infinity ? "no end" : most,
      });
      await keptAlive(() => pause(app.clock(), ms));
    }
  }
}

/** A clock's timers do not keep the process alive; who waits here does. */
async function keptAlive(wait: () => Promise<void>): Promise<void> {
  const interval = setInterval(() => {}, LONGEST_PAUSE);
  try {
    await wait();
  } finally {
    clearInterval(interval);
  }
}
