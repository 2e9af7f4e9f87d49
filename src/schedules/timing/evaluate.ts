/**
 * Schedules that can be asked for their times.
 *
 * @module
 */

import { BoundedMap } from "./bounded_map.ts";
import { clockedTimes } from "./clocked.ts";
import { cronPattern } from "./cron.ts";
import { cronTimes, patternKey } from "./cron_times.ts";
import { crontabPattern } from "./crontab.ts";
import { intervalTimes } from "./interval.ts";
import type { Pattern } from "./pattern.ts";
import { remembered } from "./remembered.ts";
import type {
  Occurrences,
  Schedule,
  ScheduleJson,
  ScheduleSpec,
} from "./schedule.ts";
import { specFromJson } from "./schedule_json.ts";
import { solarTimes } from "./solar_times.ts";
import { checkTimezone } from "./timezone.ts";

/** Many entries share a schedule: it is read and checked once. */
const specs = new BoundedMap<string, ScheduleSpec>(1_000);

/** What a schedule leaves open. */
export interface ScheduleContext {
  /** The IANA time zone of schedules that were given none. */
  readonly timezone: string;
  /** From where relative intervals are counted, epoch ms. */
  readonly anchor: number;
}

/**
 * Reads a schedule that was kept as JSON, ready to be asked for its times.
 *
 * @throws {ScheduleError} when it is none, or there is no such time zone
 */
export function scheduleFromJson(
  json: unknown,
  context: ScheduleContext,
): Schedule {
  const spec = specs.get(JSON.stringify(json), () => specFromJson(json));
  const timezone = spec.timezone ?? context.timezone;
  checkTimezone(timezone);
  const times = timesOf(spec.toJSON(), timezone, context.anchor);
  return Object.freeze({
    kind: spec.kind,
    timezone: spec.timezone,
    next: times.next,
    previous: times.previous,
    toJSON: () => spec.toJSON(),
    describe: () => spec.describe(),
  });
}

function timesOf(
  json: ScheduleJson,
  timezone: string,
  anchor: number,
): Occurrences {
  switch (json.kind) {
    case "crontab":
      return patternTimes(crontabPattern(json), timezone);
    case "cron":
      return patternTimes(cronPattern(json), timezone);
    case "interval":
      return intervalTimes(json, anchor);
    case "clocked":
      return clockedTimes(json);
    case "solar": {
      const { event, latitude, longitude } = json;
      const key = `${event} ${latitude} ${longitude}`;
      return remembered(key, () => solarTimes(json));
    }
  }
}

function patternTimes(pattern: Pattern, timezone: string): Occurrences {
  const key = `${patternKey(pattern)} ${timezone}`;
  return remembered(key, () => cronTimes(pattern, timezone));
}
