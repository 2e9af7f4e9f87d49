/**
 * Tables of schedules and the times that follow from them by reason.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { scheduleFromJson } from "../../../src/schedules/timing/evaluate.ts";
import type {
  Schedule,
  ScheduleSpec,
} from "../../../src/schedules/timing/schedule.ts";

/** A schedule, when it is asked, and when it is due next. */
export type Case = readonly [ScheduleSpec, string, string | null];

/** The schedule in a zone; relative intervals count from 1970. */
export function inZone(
  spec: ScheduleSpec,
  timezone = "UTC",
  anchor = 0,
): Schedule {
  return scheduleFromJson(spec.toJSON(), { timezone, anchor });
}

/**
 * Tests that schedules are due when they should be, and that they look back
 * as they look ahead.
 */
export function cases(
  title: string,
  timezone: string,
  table: readonly Case[],
): void {
  Deno.test(title, () => {
    for (const [spec, asked, expected] of table) {
      const schedule = inZone(spec, timezone);
      const after = Date.parse(asked);
      const label = `${spec.describe()} after ${asked}`;
      const next = schedule.next(after);
      assertEquals(iso(next), expected && iso(Date.parse(expected)), label);
      if (next === null) continue;
      assertEquals(iso(schedule.previous(next + 1)), iso(next), label);
      const previous = schedule.previous(next);
      assert(previous === null || previous <= after, `${label}, looking back`);
    }
  });
}

/** A time as text. */
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
