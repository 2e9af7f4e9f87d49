/**
 * Schedules for property tests, as text and by what they mean.
 *
 * @module
 */

import fc from "fast-check";
import type { Reference } from "./reference.ts";
import { cron } from "../../../src/schedules/timing/cron.ts";
import { crontab } from "../../../src/schedules/timing/crontab.ts";
import type { ScheduleSpec } from "../../../src/schedules/timing/schedule.ts";

/** How often a property is tried. */
export const RUNS = 150;

/** A schedule and its meaning. */
export interface Written {
  /** The schedule. */
  readonly spec: ScheduleSpec;
  /** What it means. */
  readonly reference: Reference;
}

interface Values {
  readonly text: string;
  readonly values: ReadonlySet<number>;
  /** Whether neither a wildcard nor a step was used. */
  readonly plain: boolean;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  readonly wraps: boolean;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** One item of a field. */
function item({ min, max, names, wraps }: Bounds): fc.Arbitrary<Values> {
  const size = max - min + 1;
  const shown = (value: number, named: boolean) =>
    (named && names?.[value - min]) || String(value);
  return fc.record({
    kind: fc.constantFrom("*", "value", "range"),
    from: fc.integer({ min, max }),
    to: fc.integer({ min, max }),
    step: fc.option(fc.integer({ min: 1, max: size }), { nil: 1 }),
    named: fc.boolean(),
  }).map(({ kind, from, to, step, named }) => {
    if (kind === "value") {
      return { text: shown(from, named), values: new Set([from]), plain: true };
    }
    const [first, last] = kind === "*"
      ? [min, max]
      : wraps
      ? [from, to]
      : [Math.min(from, to), Math.max(from, to)];
    const values = new Set<number>();
    const length = (last - first + size) % size;
    for (let passed = 0; passed <= length; passed += step) {
      values.add(min + (first - min + passed) % size);
    }
    const base = kind === "*"
      ? "*"
      : `${shown(first, named)}-${shown(last, named)}`;
    const text = step === 1 ? base : `${base}/${step}`;
    return { text, values, plain: kind === "range" && step === 1 };
  });
}

function field(bounds: Bounds): fc.Arbitrary<Values> {
  return fc.array(item(bounds), { minLength: 1, maxLength: 3 }).map((
    items,
  ) => ({
    text: items.map(({ text }) => text).join(),
    values: items.map(({ values }) => values)
      .reduce((all, values) => all.union(values)),
    plain: items.every(({ plain }) => plain),
  }));
}

const MINUTE: Bounds = { min: 0, max: 59, wraps: true };
const HOUR: Bounds = { min: 0, max: 23, wraps: true };
const DAY: Bounds = { min: 1, max: 31, wraps: true };
const MONTH: Bounds = { min: 1, max: 12, wraps: true, names: MONTHS };
const WEEKDAY: Bounds = { min: 0, max: 6, wraps: true, names: DAYS };

const straight = (bounds: Bounds) => field({ ...bounds, wraps: false });

/** Mostly `*`, or hardly a schedule would be due within days. */
function rarely(
  arbitrary: fc.Arbitrary<Values>,
  bounds: Bounds,
): fc.Arbitrary<Values> {
  const { min, max } = bounds;
  const all = Array.from({ length: max - min + 1 }, (_, index) => min + index);
  const every: Values = { text: "*", values: new Set(all), plain: false };
  return fc.oneof({ weight: 2, arbitrary: fc.constant(every) }, arbitrary);
}

function isFixed(minutes: Values, hours: Values): boolean {
  const names = ({ values, plain }: Values, size: number) =>
    values.size === 1 || (plain && values.size < size);
  return names(minutes, 60) && names(hours, 24);
}

/** A `crontab()` that comes at all. */
export const crontabs: fc.Arbitrary<Written> = fc.record({
  minute: field(MINUTE),
  hour: field(HOUR),
  dayOfMonth: rarely(field(DAY), DAY),
  monthOfYear: rarely(field(MONTH), MONTH),
  dayOfWeek: rarely(field(WEEKDAY), WEEKDAY),
}).filter(({ dayOfMonth, monthOfYear }) =>
  Math.min(...dayOfMonth.values) <= 29 || monthOfYear.text === "*"
).map(({ minute, hour, dayOfMonth, monthOfYear, dayOfWeek }) => ({
  spec: crontab({
    minute: minute.text,
    hour: hour.text,
    dayOfMonth: dayOfMonth.text,
    monthOfYear: monthOfYear.text,
    dayOfWeek: dayOfWeek.text,
  }),
  reference: {
    onDate: (date) =>
      dayOfMonth.values.has(date.day) && monthOfYear.values.has(date.month) &&
      dayOfWeek.values.has(date.dayOfWeek % 7),
    hours: hour.values,
    minutes: minute.values,
    fixed: isFixed(minute, hour),
  },
}));

/** A day field of a cron expression; `null` if it says nothing. */
interface DayField {
  readonly text: string;
  readonly matches: ((date: Temporal.PlainDate) => boolean) | null;
}

const saysNothing: fc.Arbitrary<DayField> = fc.constantFrom(
  { text: "*", matches: null },
  { text: "?", matches: null },
);

const monthDay: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 3, arbitrary: saysNothing },
  straight(DAY).filter(({ text, values }) =>
    text !== "*" && Math.min(...values) <= 28
  )
    .map(({ text, values }) => ({
      text,
      matches: (date: Temporal.PlainDate) => values.has(date.day),
    })),
  fc.constant({
    text: "L",
    matches: (date: Temporal.PlainDate) => date.day === date.daysInMonth,
  }),
  fc.integer({ min: 1, max: 28 }).map((day) => ({
    text: `${day}W`,
    matches: (date: Temporal.PlainDate) => date.equals(workingDay(date, day)),
  })),
  fc.constant({
    text: "LW",
    matches: (date: Temporal.PlainDate) =>
      date.equals(workingDay(date, date.daysInMonth)),
  }),
);

/** The working day of a month that is nearest to a day of it. */
function workingDay(
  month: Temporal.PlainDate,
  day: number,
): Temporal.PlainDate {
  const distance = (date: Temporal.PlainDate) => Math.abs(date.day - day);
  const days = Array.from(
    { length: month.daysInMonth },
    (_, index) => month.with({ day: index + 1 }),
  );
  return days.filter(({ dayOfWeek }) => dayOfWeek <= 5)
    .reduce((best, date) => distance(date) < distance(best) ? date : best);
}

const weekday: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 3, arbitrary: saysNothing },
  straight(WEEKDAY).filter(({ text }) => text !== "*").map((
    { text, values },
  ) => ({
    text,
    matches: (date: Temporal.PlainDate) => values.has(date.dayOfWeek % 7),
  })),
  fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 5 })).map(([day, nth]) => ({
    text: `${DAYS[day]}#${nth}`,
    matches: (date: Temporal.PlainDate) =>
      date.dayOfWeek % 7 === day && Math.ceil(date.day / 7) === nth,
  })),
  fc.nat(6).map((day) => ({
    text: `${day === 0 ? 7 : day}L`,
    matches: (date: Temporal.PlainDate) =>
      date.dayOfWeek % 7 === day && date.day + 7 > date.daysInMonth,
  })),
);

/** A `cron()` of five fields. */
export const crons: fc.Arbitrary<Written> = fc.record({
  minute: straight(MINUTE),
  hour: straight(HOUR),
  day: monthDay,
  month: rarely(straight(MONTH), MONTH),
  weekday,
}).map(({ minute, hour, day, month, weekday }) => ({
  spec: cron(
    [minute, hour, day, month, weekday].map(({ text }) => text).join(" "),
  ),
  reference: {
    onDate: (date) => {
      const matches = [day.matches, weekday.matches].filter((each) =>
        each !== null
      );
      return month.values.has(date.month) &&
        (matches.length === 0 || matches.some((match) => match(date)));
    },
    hours: hour.values,
    minutes: minute.values,
    fixed: isFixed(minute, hour),
  },
}));

/** A zone, and a time near to where its clocks change. */
export const moments: fc.Arbitrary<{ timezone: string; at: number }> = fc
  .constantFrom(
    ["UTC", "2026-02-28T12:00Z"],
    ["Europe/Berlin", "2026-03-29T01:00Z"],
    ["Europe/Berlin", "2026-10-25T01:00Z"],
    ["America/New_York", "2026-03-08T07:00Z"],
    ["America/New_York", "2026-11-01T06:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
    ["America/Sao_Paulo", "2018-11-04T03:00Z"],
    ["America/Sao_Paulo", "2018-02-18T02:00Z"],
    ["Pacific/Apia", "2011-12-30T10:00Z"],
    ["America/Nuuk", "2026-03-29T01:00Z"],
    ["America/Nuuk", "2026-10-25T01:00Z"],
    ["Africa/Casablanca", "2026-02-15T02:00Z"],
    ["Africa/Casablanca", "2026-03-22T02:00Z"],
    ["Asia/Kolkata", "2028-02-29T00:00Z"],
    ["Asia/Kathmandu", "2026-12-31T18:15Z"],
  )
  .chain(([timezone = "", near = ""]) =>
    fc.integer({ min: -36 * 60, max: 36 * 60 }).map((minutes) => ({
      timezone,
      at: Date.parse(near) + minutes * 60_000,
    }))
  );
