/**
 * Celery's crontab: five fields by name, of which all must match.
 *
 * Where the clocks change, times of day (`minute: 30, hour: "2,14"`) happen
 * once: in the hour that falls out, when it is over, if that is the same day;
 * in the hour that comes twice, the first time. A rhythm (a field with a
 * wildcard or a step, or with all its values, as in `minute: "*\/5"`) goes on
 * in real time: what would be in the hour that falls out is left out, and what
 * is in the hour that comes twice happens both times.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { isArrayOf } from "../../options.ts";
import type { Check } from "../../options.ts";
import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOUR,
  MINUTE,
  missing,
  MONTH,
} from "./field.ts";
import type { Field } from "./field.ts";
import { readValues } from "./field_values.ts";
import type { FieldValues } from "./field_values.ts";
import { fieldText, hasDay, isFixed } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";
import type { CrontabJson, ScheduleSpec } from "./schedule.ts";
import { checkBuilder, specOf } from "./spec.ts";
import { checkTimezone } from "./timezone.ts";

/**
 * A field of a crontab: a value, a text, or a list of these, which is the same
 * as joining them by commas.
 *
 * A text is `*`, a value, a range (`8-18`; it may wrap: `fri-mon`), either of
 * `*` and a range with a step (`*\/15`, `1-10/3`), or several of these with
 * commas between. Days and months also go by their English names, in full or
 * by the first three letters.
 */
export type CrontabField = number | string | readonly (number | string)[];

/** What {@linkcode crontab} takes. */
export interface CrontabOptions {
  /**
   * Minutes, 0 to 59.
   *
   * @default {"*"}
   */
  readonly minute?: CrontabField | undefined;
  /**
   * Hours, 0 to 23.
   *
   * @default {"*"}
   */
  readonly hour?: CrontabField | undefined;
  /**
   * Days of the week, Sunday is 0, Saturday is 6.
   *
   * @default {"*"}
   */
  readonly dayOfWeek?: CrontabField | undefined;
  /**
   * Days of the month, 1 to 31.
   *
   * @default {"*"}
   */
  readonly dayOfMonth?: CrontabField | undefined;
  /**
   * Months, January is 1.
   *
   * @default {"*"}
   */
  readonly monthOfYear?: CrontabField | undefined;
  /** The IANA time zone of the clock on the wall; the app's without it. */
  readonly timezone?: string | null | undefined;
}

type FieldName = Exclude<keyof CrontabOptions, "timezone">;

/** The fields in the order of a crontab file. */
const FIELDS: Readonly<Record<FieldName, Field>> = {
  minute: MINUTE,
  hour: HOUR,
  dayOfMonth: DAY_OF_MONTH,
  monthOfYear: MONTH,
  dayOfWeek: DAY_OF_WEEK,
};

const isItem: Check = (value) =>
  typeof value === "number" || typeof value === "string"
    ? null
    : "a number or a text";

const isField: Check = (value) =>
  isItem(value) === null || isArrayOf(isItem)(value) === null
    ? null
    : "a number, a text, or an array of these";

/**
 * A schedule by the clock on the wall, as in Celery: it is due in every minute
 * whose fields all match, both day fields included.
 *
 * ```ts
 * import { crontab } from "@lovage/lovage";
 *
 * crontab({ minute: 30, hour: "8-18", dayOfWeek: "mon-fri" });
 * ```
 *
 * @throws {ScheduleError} when a field cannot be read, or no such day comes
 */
export function crontab(options: CrontabOptions = {}): ScheduleSpec {
  checkBuilder("crontab()", options, {
    minute: isField,
    hour: isField,
    dayOfWeek: isField,
    dayOfMonth: isField,
    monthOfYear: isField,
    timezone: () => null,
  });
  const timezone = options.timezone ?? null;
  if (timezone !== null) checkTimezone(timezone);
  const { minute, hour, dayOfWeek, dayOfMonth, monthOfYear } = options;
  const given: CrontabJson = {
    kind: "crontab",
    minute: textOf(minute),
    hour: textOf(hour),
    dayOfWeek: textOf(dayOfWeek),
    dayOfMonth: textOf(dayOfMonth),
    monthOfYear: textOf(monthOfYear),
    timezone,
  };
  readFields(given);
  const json = withoutSpaces(given);
  const names = Object.keys(FIELDS) as FieldName[];
  return specOf(json, names.map((name) => json[name]).join(" "));
}

function textOf(field: CrontabField = "*"): string {
  return typeof field === "object" ? field.join() : String(field);
}

function withoutSpaces(json: CrontabJson): CrontabJson {
  const plain = (name: FieldName) => json[name].replace(/\s/g, "");
  return {
    ...json,
    minute: plain("minute"),
    hour: plain("hour"),
    dayOfWeek: plain("dayOfWeek"),
    dayOfMonth: plain("dayOfMonth"),
    monthOfYear: plain("monthOfYear"),
  };
}

/** The pattern that a crontab means. */
export function crontabPattern(json: CrontabJson): Pattern {
  const fields = readFields(json);
  const { minute, hour, dayOfMonth, monthOfYear, dayOfWeek } = fields;
  const texts = [minute, hour, dayOfMonth, monthOfYear, dayOfWeek]
    .map(fieldText);
  return {
    text: ["0", ...texts].join(" "),
    bothDays: true,
    fixed: isFixed(minute, hour),
  };
}

function readFields(json: CrontabJson): Record<FieldName, FieldValues> {
  const read = (name: FieldName) => readField(name, json[name]);
  const fields = {
    minute: read("minute"),
    hour: read("hour"),
    dayOfMonth: read("dayOfMonth"),
    monthOfYear: read("monthOfYear"),
    dayOfWeek: read("dayOfWeek"),
  };
  const { dayOfMonth: { values: [first = 0] }, monthOfYear: months } = fields;
  if (!hasDay(months.values, first)) {
    throw new ScheduleError(
      `The crontab's dayOfMonth "${json.dayOfMonth}" never comes: ` +
        `no month of "${json.monthOfYear}" has that day`,
      { position: 1 },
    );
  }
  return fields;
}

function readField(name: FieldName, text: string): FieldValues {
  const source = { subject: `The crontab's ${name} "${text}"`, text };
  if (text.trim() === "") throw missing(source, 0);
  return readValues(FIELDS[name], { text, at: 0 }, source, true);
}
