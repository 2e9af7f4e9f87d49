/**
 * What crontab and cron come down to: a pattern that can be evaluated.
 *
 * @module
 */

import type { FieldValues } from "./field_values.ts";

/** A pattern, and by which rules it is read. */
export interface Pattern {
  /** Six fields, seconds first, in numbers. */
  readonly text: string;
  /** Whether both day fields must match; otherwise either will do. */
  readonly bothDays: boolean;
  /** Whether it names times of day; see {@linkcode isFixed}. */
  readonly fixed: boolean;
}

/**
 * Whether fields name times of day, which happen once a day whatever the
 * clocks do, rather than a rhythm, which goes on in real time. A time of day
 * has its values written out (`30 2,14 * * *`); a rhythm has a wildcard, a
 * step or all values in one of its fields (`*\/5 * * * *`).
 */
export function isFixed(...fields: readonly FieldValues[]): boolean {
  return fields.every(({ values, plain, every }) =>
    values.length === 1 || (plain && !every)
  );
}

/** The values as a field of a pattern. */
export function fieldText({ values, every }: FieldValues): string {
  return every ? "*" : values.join();
}

/** The days of the longest form of each month, from January on. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether one of some months has a day, in a leap year at least. */
export function hasDay(months: readonly number[], day: number): boolean {
  return months.some((month) => day <= (LONGEST[month - 1] ?? 0));
}
