/**
 * One point in time.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { parseInstant } from "../../message/time.ts";
import type { Instant } from "../../message/time.ts";
import { show } from "../../options.ts";
import type { ClockedJson, Occurrences, ScheduleSpec } from "./schedule.ts";
import { specOf } from "./spec.ts";

/**
 * A schedule that is due once.
 *
 * ```ts
 * import { clocked } from "@lovage/lovage";
 *
 * clocked("2026-05-01T08:00:00Z");
 * ```
 *
 * @throws {ScheduleError} when it is no point in time
 */
export function clocked(instant: Instant): ScheduleSpec {
  return clockedOf(instantMs(instant));
}

function instantMs(instant: Instant): number {
  try {
    return parseInstant(instant, "The time of clocked()");
  } catch (error) {
    throw new ScheduleError((error as Error).message);
  }
}

/** A schedule that is due once, at an epoch ms. */
export function clockedOf(at: number): ScheduleSpec {
  const date = new Date(at);
  if (!Number.isInteger(at) || Number.isNaN(date.getTime())) {
    throw new ScheduleError(
      `The time of clocked() must be epoch ms, but it is ${show(at)}`,
    );
  }
  const text = date.toISOString().replace(".000Z", "Z");
  return specOf({ kind: "clocked", at }, `once at ${text}`);
}

/** The one time. */
export function clockedTimes({ at }: ClockedJson): Occurrences {
  return {
    next: (after) => after < at ? at : null,
    previous: (before) => before > at ? at : null,
  };
}
