/**
 * Periods: every ten minutes.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { parseDuration } from "../../message/time.ts";
import type { Duration } from "../../message/time.ts";
import { isBoolean } from "../../options.ts";
import type { IntervalJson, Occurrences, ScheduleSpec } from "./schedule.ts";
import { checkBuilder, specOf } from "./spec.ts";

/** What {@linkcode every} takes. */
export interface IntervalOptions {
  /**
   * Whether the times are whole multiples of the period, counted from 1970 in
   * UTC: `every("1h", { aligned: true })` is due on the hour. Otherwise they
   * are counted from where the entry began, and the first is one period later.
   *
   * @default {false}
   */
  readonly aligned?: boolean | undefined;
}

const SHORTEST = 100;
const LONGEST = 36_500 * 86_400_000;

/**
 * A schedule with a period.
 *
 * ```ts
 * import { every } from "@lovage/lovage";
 *
 * every("10m");
 * every(30); // seconds
 * every("1h", { aligned: true });
 * ```
 *
 * @throws {ScheduleError} when the period is no duration, shorter than 100 ms
 * or longer than 36500 days
 */
export function every(
  period: Duration,
  options: IntervalOptions = {},
): ScheduleSpec {
  checkBuilder("every()", options, { aligned: isBoolean });
  return intervalOf(periodMs(period), options.aligned ?? false);
}

function periodMs(period: Duration): number {
  try {
    return parseDuration(period, "The period of every()");
  } catch (error) {
    throw new ScheduleError((error as Error).message);
  }
}

/** A schedule with a period in ms. */
export function intervalOf(every: number, aligned: boolean): ScheduleSpec {
  if (!Number.isInteger(every) || every < SHORTEST || every > LONGEST) {
    throw new ScheduleError(
      "The period of every() must be between 100ms and 36500d, but it is " +
        (Number.isInteger(every) ? periodText(every) : String(every)),
    );
  }
  return specOf(
    { kind: "interval", every, aligned },
    `every ${periodText(every)}${aligned ? ", aligned" : ""}`,
  );
}

/** The period in the largest unit that it is a multiple of. */
function periodText(ms: number): string {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  for (const [unit, length] of Object.entries(units)) {
    if (ms >= length && ms % length === 0) return `${ms / length}${unit}`;
  }
  return `${ms}ms`;
}

/**
 * The times of a period.
 *
 * @param anchor where the entry began, epoch ms
 */
export function intervalTimes(
  { every, aligned }: IntervalJson,
  anchor: number,
): Occurrences {
  const origin = aligned ? 0 : anchor;
  const first = aligned ? -Infinity : 1;
  return {
    next(after) {
      const count = Math.floor((after - origin) / every) + 1;
      return origin + Math.max(count, first) * every;
    },
    previous(before) {
      const count = Math.ceil((before - origin) / every) - 1;
      return count < first ? null : origin + count * every;
    },
  };
}
