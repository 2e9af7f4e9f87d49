/**
 * What stands for a schedule where one is wanted.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import type { Duration, DurationLike } from "../../message/time.ts";
import { show } from "../../options.ts";
import { cron } from "./cron.ts";
import { every } from "./interval.ts";
import type { ScheduleSpec } from "./schedule.ts";
import { specFromJson } from "./schedule_json.ts";

/**
 * A schedule: a builder's value, or in short a period (seconds as a number,
 * `"10s"`, a `Temporal.Duration`) or a cron expression.
 */
export type ScheduleLike = ScheduleSpec | Duration | string;

/**
 * The schedule that a value stands for.
 *
 * @throws {ScheduleError} when it stands for none
 */
export function toSchedule(value: ScheduleLike): ScheduleSpec {
  if (typeof value === "number") return every(value);
  if (typeof value === "string") return fromText(value);
  if (isSpec(value)) return specFromJson(value.toJSON());
  if (typeof (value as DurationLike | null)?.total === "function") {
    return every(value as DurationLike);
  }
  throw new ScheduleError(
    "A schedule must be crontab(), cron(), every(), clocked(), solar(), a " +
      `period such as "10s", or a cron expression, but it is ${show(value)}`,
  );
}

// Not by class: there may be two copies of this module in a program.
function isSpec(value: unknown): value is ScheduleSpec {
  const spec = value as Partial<ScheduleSpec> | null;
  return typeof spec === "object" && typeof spec?.kind === "string" &&
    typeof spec.toJSON === "function";
}

/** A cron expression has spaces or an at sign, a duration has neither. */
function fromText(text: string): ScheduleSpec {
  if (/^@|\S\s+\S/.test(text.trim())) return cron(text);
  if (/^\d/.test(text)) return every(text as Duration);
  throw new ScheduleError(
    `The schedule ${show(text)} is neither a period such as "10s" nor a ` +
      'cron expression such as "*/5 * * * *"',
  );
}
