/**
 * Schedules as they are kept, read back.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { show } from "../../options.ts";
import { clockedOf } from "./clocked.ts";
import { cron } from "./cron.ts";
import { crontab } from "./crontab.ts";
import { intervalOf } from "./interval.ts";
import type {
  ClockedJson,
  CronJson,
  CrontabJson,
  IntervalJson,
  ScheduleKind,
  ScheduleSpec,
  SolarJson,
} from "./schedule.ts";
import { solar } from "./solar.ts";

/** How each kind is read. What a newer version has added is passed over. */
const READERS: Readonly<
  Record<ScheduleKind, (json: never) => ScheduleSpec>
> = {
  crontab: (json: CrontabJson) => {
    const { minute, hour, dayOfWeek, dayOfMonth, monthOfYear, timezone } = json;
    return crontab({
      minute,
      hour,
      dayOfWeek,
      dayOfMonth,
      monthOfYear,
      timezone,
    });
  },
  cron: ({ expression, timezone }: CronJson) => cron(expression, { timezone }),
  interval: ({ every, aligned }: IntervalJson) =>
    intervalOf(every, aligned === true),
  clocked: ({ at }: ClockedJson) => clockedOf(at),
  solar: ({ event, latitude, longitude }: SolarJson) =>
    solar(event, latitude, longitude),
};

/**
 * Reads a schedule that was kept as JSON.
 *
 * @throws {ScheduleError} when it is none, or none of this version
 */
export function specFromJson(json: unknown): ScheduleSpec {
  const kind = (json as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind !== "string") {
    throw new ScheduleError(
      `A schedule's JSON must have a kind, but it is ${show(json)}`,
    );
  }
  if (!Object.hasOwn(READERS, kind)) {
    throw new ScheduleError(
      `This version knows no schedule of the kind "${kind}", but ` +
        `${Object.keys(READERS).join(", ")}; upgrade Lovage`,
    );
  }
  return READERS[kind as ScheduleKind](json as never);
}
