/**
 * A schedule as it is typed into the form.
 *
 * @module
 */

import type { ScheduleJson } from "../../schedules/timing/schedule.ts";

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], [
  "s",
  1_000,
]] as const;

/**
 * The text that means this schedule; `null` for one that no text means: a
 * single time, or one by the sun.
 */
export function specText(spec: ScheduleJson): string | null {
  switch (spec.kind) {
    case "cron":
      return spec.expression;
    case "crontab":
      return [
        spec.minute,
        spec.hour,
        spec.dayOfMonth,
        spec.monthOfYear,
        spec.dayOfWeek,
      ].join(" ");
    case "interval":
      return period(spec.every);
    default:
      return null;
  }
}

function period(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
