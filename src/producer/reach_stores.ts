/**
 * Opens what a worker or a beat works with, and tries again while it is away.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { StoreError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { pause } from "../service/clock.ts";

const log = getLogger(["lovage", "store"]);

// Pauses between tries grow by the first up to the longest (ms).
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/** Told why something waits, and `null` once it does not any more. */
export type OnWait = (why: string | null) => void;

/**
 * What `open` returns, once it does not fail any more.
 *
 * @param what what it opens, for people: `"The store"`
 * @param signal ends the waiting when it aborts
 * @param onWait told of the waiting, beside the log
 * @throws {StoreError} when it is misused, or stays away for longer than
 * `brokerConnectionMaxRetries` allows
 * @throws the signal's reason when it aborts
 */
export async function reach<T>(
  app: Internals,
  what: string,
  open: () => Promise<T>,
  signal: AbortSignal,
  onWait: OnWait = () => {},
): Promise<T> {
  const most = triesOf(app);
  for (let tries = 1;; tries++) {
    try {
      const opened = await orAborted(open(), signal);
      if (tries > 1) {
        log.info("{what} is back", { what });
        onWait(null);
      }
      return opened;
    } catch (error) {
      if (!isAway(error) || tries > most) throw error;
      const ms = Math.min(FIRST_PAUSE * tries, LONGEST_PAUSE);
      log.warn("{error}. Trying again in {seconds} s ({tries} of {most})", {
        error: error.message,
        seconds: ms / 1000,
        tries,
        most: most === Infinity ? "no end" : most,
      });
      onWait(error.message);
      await keptAlive(() => pause(app.clock(), ms, signal));
      signal.throwIfAborted();
    }
  }
}

function triesOf(app: Internals): number {
  const { brokerConnectionRetryOnStartup, brokerConnectionMaxRetries } = app
    .settings();
  return brokerConnectionRetryOnStartup
    ? brokerConnectionMaxRetries ?? Infinity
    : 0;
}

function isAway(error: unknown): error is StoreError {
  return error instanceof StoreError && error.transient;
}

/** Fails with the signal's reason if it aborts before the work is done. */
async function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
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
