/**
 * A worker that works off what waits and stops, for platforms on which
 * nothing runs for long: functions that a timer or a request starts.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import { ConfigError } from "../errors.ts";
import { internalsOf } from "../internals.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "../message/time.ts";
import {
  checkOptions,
  isArrayOf,
  isDuration,
  isInstant,
  isInteger,
  isName,
} from "../options.ts";
import { pause } from "../service/clock.ts";
import { type Finish, Quota } from "./quota.ts";
import { startWorker } from "./start.ts";

/** How much to work off, and how long. */
export interface DrainOptions {
  /**
   * When it takes no more: after this time, or at this point in time. What has
   * not started by then goes back to its queue.
   */
  readonly until?: Duration | Instant | undefined;
  /** How long what runs then may go on before it goes back. @default {"5s"} */
  readonly grace?: Duration | undefined;
  /** The most tasks to take; without it, all that is ready. */
  readonly max?: number | undefined;
  /** The queues to serve. Defaults to `taskQueues`. */
  readonly queues?: readonly string[] | undefined;
  /** How many tasks run at a time. @default {100} */
  readonly concurrency?: number | undefined;
}

/** What was worked off. */
export interface Drained {
  /** Runs that ended, by outcome: `success`, `failure`, `retry` … */
  readonly ended: Readonly<Record<string, number>>;
  /** Why it ended: nothing was ready, enough was done, or it was time. */
  readonly why: Finish | "until";
}

/**
 * Works off what is ready, on this event loop, and what that sends; then
 * stops, having given back what it did not start.
 *
 * @throws {ConfigError} for options that will not do
 * @throws {StoreError} when the store cannot be opened
 */
export async function drain(
  app: object,
  options: DrainOptions = {},
): Promise<Drained> {
  const clock = internalsOf(app).clock();
  const limit = timeLeft(options, clock);
  const { grace = "5s", max = Infinity, queues, concurrency } = options;
  const quota = new Quota(max);
  const worker = await startWorker(app, {
    ...{ pool: "async", hostname: "drain", queues, concurrency },
    shutdownTimeout: grace,
  }, { quota });
  const over = new AbortController();
  const late = limit === null
    ? new Promise<never>(() => {})
    : pause(clock, limit, over.signal).then(() => "until" as const);
  const why = await Promise.race([quota.finished, late]);
  over.abort();
  await worker.stop();
  return { ended: worker.totals.ended, why };
}

function timeLeft(options: DrainOptions, clock: Clock): number | null {
  checkOptions("drain()", options, {
    until: (value) =>
      isDuration(value) === null || isInstant(value) === null
        ? null
        : 'a duration such as "25s", or a point in time',
    grace: isDuration,
    max: isInteger(1),
    queues: isArrayOf(isName),
    concurrency: isInteger(1),
  });
  const { until } = options;
  if (until === undefined) return null;
  if (isDuration(until) === null) {
    return parseDuration(until as Duration, "until");
  }
  const left = parseInstant(until as Instant, "until") - clock.now();
  if (left >= 0) return left;
  throw new ConfigError("drain() is to end at a time that is past (until)");
}
