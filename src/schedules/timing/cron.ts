/**
 * Cron expressions: five fields, or six with seconds first, or `@daily` and
 * its kin.
 *
 * Where the clocks change, times of day (`30 2,14 * * *`) happen once: in the
 * hour that falls out, when it is over, if that is the same day; in the hour
 * that comes twice, the first time. A rhythm (seconds, minutes or hours with a
 * wildcard or a step, or with all their values, as in `*\/5 * * * *`) goes on
 * in real time: what would be in the hour that falls out is left out, and what
 * is in the hour that comes twice happens both times.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { nearest, show } from "../../options.ts";
import { count } from "../../words.ts";
import { readDays, readWeekdays } from "./day_fields.ts";
import { HOUR, MINUTE, MONTH, SECOND } from "./field.ts";
import type { Field, Piece, Source } from "./field.ts";
import { readValues } from "./field_values.ts";
import { fieldText, hasDay, isFixed } from "./pattern.ts";
import type { Pattern } from "./pattern.ts";
import type { CronJson, ScheduleSpec } from "./schedule.ts";
import { checkBuilder, specOf } from "./spec.ts";
import { checkTimezone } from "./timezone.ts";

/** What {@linkcode cron} takes. */
export interface CronOptions {
  /** The IANA time zone of the clock on the wall; the app's without it. */
  readonly timezone?: string | null | undefined;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * A schedule by the clock on the wall, as cron has it: minute, hour, day of
 * the month, month and day of the week, with seconds before them if there are
 * six fields. If both day fields say something, either of them will do.
 *
 * Beside values, ranges, lists, steps and names there are: `L` as the last day
 * of the month, `LW` as its last working day, `15W` as the working day nearest
 * to the 15th, `fri#2` as the second Friday, `friL` as the last one.
 *
 * ```ts
 * import { cron } from "@lovage/lovage";
 *
 * cron("30 8-18/2 * * mon-fri", { timezone: "Europe/Berlin" });
 * ```
 *
 * @throws {ScheduleError} when it cannot be read, or no such day comes
 */
export function cron(
  expression: string,
  options: CronOptions = {},
): ScheduleSpec {
  checkBuilder("cron()", options, { timezone: () => null });
  const timezone = options.timezone ?? null;
  if (timezone !== null) checkTimezone(timezone);
  if (typeof expression !== "string") {
    throw new ScheduleError(
      `A cron expression must be a text, but it is ${show(expression)}`,
    );
  }
  readExpression(expression);
  const plain = expression.trim().replace(/\s+/g, " ");
  return specOf({ kind: "cron", expression: plain, timezone }, plain);
}

/** The pattern that a cron expression means. */
export function cronPattern(json: CronJson): Pattern {
  return readExpression(json.expression);
}

function readExpression(written: string): Pattern {
  const expression = written.trim().startsWith("@")
    ? meaningOf(written)
    : written;
  const pieces = fieldsOf(expression);
  const sourceOf = (name: string): Source => ({
    subject: `The ${name} of the cron expression "${expression}"`,
    text: expression,
  });
  const read = (field: Field, piece: Piece) =>
    readValues(field, piece, sourceOf(field.name), false);
  const [second, minute, hour, days, month, weekdays] = pieces;
  const time = [read(SECOND, second), read(MINUTE, minute), read(HOUR, hour)];
  const months = read(MONTH, month);
  const daySource = sourceOf("day of the month");
  const { text: daysText, earliest } = readDays(days, daySource);
  const weekdaysText = readWeekdays(weekdays, sourceOf("day of the week"));
  if (weekdaysText === "*" && !hasDay(months.values, earliest)) {
    throw new ScheduleError(
      `${daySource.subject} never comes: ` +
        `no month of "${month.text}" has "${days.text}"`,
      { position: days.at + 1 },
    );
  }
  return {
    text: [...time.map(fieldText), daysText, fieldText(months), weekdaysText]
      .join(" "),
    bothDays: false,
    fixed: isFixed(...time),
  };
}

type Six<T> = readonly [T, T, T, T, T, T];

/** The six fields; without seconds, they are on the full minute. */
function fieldsOf(expression: string): Six<Piece> {
  const found = [...expression.matchAll(/\S+/g)];
  const pieces = found.map(({ 0: text, index: at }) => ({ text, at }));
  if (pieces.length === 5) pieces.unshift({ text: "0", at: 0 });
  if (pieces.length === 6) return pieces as unknown as Six<Piece>;
  const position = (pieces[6]?.at ?? Math.max(0, expression.length - 1)) + 1;
  throw new ScheduleError(
    `The cron expression "${expression}" has ${
      count(pieces.length, "field")
    }, but ` +
      "it takes five (minute, hour, day of the month, month, day of the " +
      "week), or six with the seconds first",
    { position },
  );
}

function meaningOf(written: string): string {
  const name = written.trim().toLowerCase();
  const meaning = Object.hasOwn(NICKNAMES, name) ? NICKNAMES[name] : undefined;
  if (meaning !== undefined) return meaning;
  const position = written.indexOf("@") + 1;
  if (name === "@reboot") {
    throw new ScheduleError(
      "@reboot is no time: send the task where the program starts",
      { position },
    );
  }
  const known = Object.keys(NICKNAMES);
  const near = nearest(name, known);
  throw new ScheduleError(
    `There is no cron expression "${written.trim()}". ` +
      (near === undefined
        ? `Those by name are: ${known.join(", ")}`
        : `Did you mean "${near}"?`),
    { position },
  );
}
