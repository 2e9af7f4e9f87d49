/**
 * Starts a beat for an app in this process.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { internalsOf } from "../internals.ts";
import { uuid7 } from "../message/ids.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import { checkOptions, type Checks, isDuration, isText } from "../options.ts";
import { type OnWait, reach } from "../producer/reach_stores.ts";
import { Beat } from "./beat.ts";

/** What a beat can be told. */
export interface BeatOptions {
  /** Its name for people. @default {"beat"} */
  readonly hostname?: string | undefined;
  /**
   * The longest it goes without looking at the store. Defaults to the setting
   * `beatMaxLoopInterval`.
   */
  readonly maxInterval?: Duration | undefined;
}

const CHECKS: Checks<BeatOptions> = {
  hostname: isText,
  maxInterval: isDuration,
};

const NEVER = new AbortController().signal;

/**
 * Starts a beat.
 *
 * @param signal ends the start when it aborts while the store is away
 * @param onWait told while it waits for the store
 * @throws {ConfigError} for options that will not do
 * @throws {ScheduleError} when an entry of the app's code will not do
 * @throws {StoreError} when the store cannot be opened
 * @throws the signal's reason when it aborts while the store is away
 */
export async function startBeat(
  app: object,
  options: BeatOptions = {},
  signal: AbortSignal = NEVER,
  onWait?: OnWait,
): Promise<Beat> {
  checkOptions("the beat", options, CHECKS);
  const internals = internalsOf(app);
  const { beatLease, beatMaxLoopInterval } = internals.settings();
  const { hostname = "beat", maxInterval } = options;
  const reached = <T>(call: () => Promise<T>) =>
    reach(internals, "The store", call, signal, onWait);
  const { broker } = await reached(() => internals.stores.open());
  const interval = maxInterval === undefined
    ? beatMaxLoopInterval
    : parseDuration(maxInterval, "maxInterval");
  const beat = new Beat(internals, broker, {
    id: uuid7(),
    name: hostname,
    lease: beatLease,
    maxInterval: checkedInterval(interval, beatLease),
  });
  try {
    // It may go away again before the beat is ready.
    await reached(() => beat.start());
  } catch (error) {
    // It may still wait for an answer.
    void beat.stop();
    throw error;
  }
  return beat;
}

// A lease that is renewed too late is lost again and again.
function checkedInterval(interval: number | null, lease: number): number {
  if (interval === null) return lease / 3;
  if (interval < 10) {
    throw new ConfigError(
      `A beat's maxInterval must be at least 10 ms, but it is ${interval} ms`,
    );
  }
  return Math.min(interval, lease / 3);
}
