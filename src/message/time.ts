/**
 * Spans and points in time as users write them, turned into milliseconds.
 *
 * @module
 */

/** A unit that a written duration carries. */
export type DurationUnit = "ms" | "s" | "m" | "h" | "d";

/** What Lovage needs of a `Temporal.Duration`. */
export interface DurationLike {
  /** The length in a unit. */
  total(unit: "milliseconds"): number;
}

/**
 * A span of time: a number of **seconds**, a text with its unit (`"250ms"`,
 * `"30s"`, `"5m"`, `"2h"`, `"1d"`), or a `Temporal.Duration`.
 */
export type Duration = number | `${number}${DurationUnit}` | DurationLike;

/** What Lovage needs of a `Temporal.Instant`. */
export interface InstantLike {
  /** The milliseconds since 1970 began in UTC. */
  readonly epochMilliseconds: number;
}

/**
 * A point in time: a `Date`, an ISO 8601 text (`"2026-05-01T08:00:00Z"`; a
 * time of day needs its zone, a date alone is midnight UTC), or a
 * `Temporal.Instant`.
 */
export type Instant = Date | string | InstantLike;

const UNITS: Readonly<Record<DurationUnit, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const ISO_DATE =
  /^[+-]?\d{4,6}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/**
 * Turns a duration into whole milliseconds.
 *
 * @param what whose value it is, for the error: `countdown`
 * @throws {TypeError} when it is no duration, negative or not finite
 */
export function parseDuration(value: Duration, what: string): number {
  const ms = Math.round(durationMs(value));
  if (ms >= 0 && ms <= Number.MAX_SAFE_INTEGER) return ms;
  throw new TypeError(
    `${what} must be a duration (seconds as a number, or text such as ` +
      `"250ms", "30s", "5m", "2h", "1d"), but it is ${shown(value)}`,
  );
}

/** The milliseconds, or `NaN` for what is no duration. */
function durationMs(value: unknown): number {
  if (typeof value === "number") return value * 1_000;
  if (typeof value === "string") {
    const [, amount, unit] = DURATION.exec(value) ?? [];
    return Number(amount) * UNITS[unit as DurationUnit];
  }
  try {
    const total = (value as DurationLike).total("milliseconds");
    return typeof total === "number" ? total : NaN;
  } catch {
    // No `total`, or a calendar unit, whose length depends on the date.
    return NaN;
  }
}

/**
 * Turns a point in time into epoch milliseconds.
 *
 * @param what whose value it is, for the error: `eta`
 * @throws {TypeError} when it is no point in time
 */
export function parseInstant(value: Instant, what: string): number {
  const ms = instantMs(value);
  if (Number.isFinite(ms)) return ms;
  throw new TypeError(
    `${what} must be a point in time (a Date, a Temporal.Instant, or ISO ` +
      `text with a zone such as "2026-05-01T08:00:00Z"), but it is ` +
      shown(value),
  );
}

/** The milliseconds, or `NaN` for what is no point in time. */
function instantMs(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "string") {
    return ISO_DATE.test(value) ? Date.parse(value) : NaN;
  }
  try {
    const ms = (value as InstantLike).epochMilliseconds;
    return typeof ms === "number" ? Math.floor(ms) : NaN;
  } catch {
    return NaN;
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (value instanceof Date) return "an invalid Date";
  try {
    return Array.isArray(value) ? "an array" : String(value);
  } catch {
    return `a ${typeof value}`;
  }
}
