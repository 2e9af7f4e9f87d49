/**
 * Cron by brute force: every minute of a span is looked at, by the calendar
 * and the clock on the wall that Temporal gives.
 *
 * @module
 */

/** Which dates and times of day a schedule names, and what kind they are. */
export interface Reference {
  /** Whether it is due on a date. */
  onDate(date: Temporal.PlainDate): boolean;
  /** Its hours. */
  readonly hours: ReadonlySet<number>;
  /** Its minutes. */
  readonly minutes: ReadonlySet<number>;
  /** Whether these are times of day, not a rhythm. */
  readonly fixed: boolean;
}

const MINUTE = 60_000;

/** All times of a span, its ends included, ascending. */
export function timesWithin(
  reference: Reference,
  timezone: string,
  from: number,
  to: number,
): number[] {
  const times = reference.fixed
    ? fixedTimes(reference, timezone, from, to)
    : rhythm(reference, timezone, from, to);
  return [...new Set(times)].sort((a, b) => a - b)
    .filter((time) => time >= from && time <= to);
}

/** A rhythm is due whenever the clock on the wall shows one of its times. */
function* rhythm(
  reference: Reference,
  timezone: string,
  from: number,
  to: number,
): Generator<number> {
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= to; at += MINUTE) {
    const wall = Temporal.Instant.fromEpochMilliseconds(at)
      .toZonedDateTimeISO(timezone).toPlainDateTime();
    if (!reference.minutes.has(wall.minute)) continue;
    if (!reference.hours.has(wall.hour)) continue;
    if (reference.onDate(wall.toPlainDate())) yield at;
  }
}

/** A time of day is due once on each of its dates. */
function* fixedTimes(
  reference: Reference,
  timezone: string,
  from: number,
  to: number,
): Generator<number> {
  const dateOf = (at: number) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone)
      .toPlainDate();
  const last = dateOf(to).add({ days: 1 });
  let date = dateOf(from).subtract({ days: 1 });
  for (
    ;
    Temporal.PlainDate.compare(date, last) <= 0;
    date = date.add({ days: 1 })
  ) {
    if (!reference.onDate(date)) continue;
    for (const hour of reference.hours) {
      for (const minute of reference.minutes) {
        const time = timeOf(date.toPlainDateTime({ hour, minute }), timezone);
        if (time !== null) yield time;
      }
    }
  }
}

/** When the clock on the wall shows a time, or jumps over it on its date. */
function timeOf(
  wall: Temporal.PlainDateTime,
  timezone: string,
): number | null {
  const first = wall.toZonedDateTime(timezone, { disambiguation: "earlier" });
  if (first.toPlainDateTime().equals(wall)) return first.epochMilliseconds;
  const jump = first.getTimeZoneTransition("next");
  if (jump === null || !jump.toPlainDate().equals(wall.toPlainDate())) {
    return null;
  }
  return jump.epochMilliseconds;
}
