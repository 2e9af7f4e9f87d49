/** Whatever the schedule and whenever beat wakes: no time twice, none lost. */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import type { CatchUp } from "../../src/schedules/entry.ts";
import type { EntryJson } from "../../src/schedules/entry_json.ts";
import { dueAfter, timesOf } from "../../src/schedules/due.ts";
import { ticksOf } from "../../src/schedules/ticks.ts";
import { crontab } from "../../src/schedules/timing/crontab.ts";
import { every } from "../../src/schedules/timing/interval.ts";
import type { ScheduleSpec } from "../../src/schedules/timing/schedule.ts";
import { entryJson } from "./fixtures/entries.ts";

const S = 1_000;
const H = 3_600 * S;
const DEADLINE = 60 * S;

const intervals: fc.Arbitrary<ScheduleSpec> = fc.record({
  ms: fc.integer({ min: 100, max: 3 * H }),
  aligned: fc.boolean(),
}).map(({ ms, aligned }) => every(`${ms}ms`, { aligned }));

const crontabs: fc.Arbitrary<ScheduleSpec> = fc.record({
  minute: fc.constantFrom("*", "*/7", "30", "0,59", "5-10"),
  hour: fc.constantFrom("*", "*/3", "2", "1-3", "0,23"),
  dayOfWeek: fc.constantFrom("*", "sun", "mon-fri"),
}).map((fields) => crontab(fields));

/** Days around which something happens to the clocks of these zones. */
const starts = fc.constantFrom(
  "2026-01-31T22:00:00.500Z",
  "2026-03-28T20:00:00Z",
  "2026-10-24T20:00:00Z",
  "2026-12-31T23:59:59.999Z",
).map(Date.parse);

/** When beat wakes, each so long after the one before. */
const sleeps = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 2 * S }),
    fc.integer({ min: 0, max: 26 * H }),
  ),
  { minLength: 1, maxLength: 30 },
);

const cases = fc.record({
  schedule: fc.oneof(intervals, crontabs),
  timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
  start: starts,
  sleeps,
  startsIn: fc.option(fc.integer({ min: 0, max: 5 * H }), { nil: null }),
  endsIn: fc.option(fc.integer({ min: 5 * H, max: 60 * H }), { nil: null }),
});
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

/** What was sent at one wake-up. */
interface WakeUp {
  readonly now: number;
  readonly sent: readonly number[];
  readonly missed: number;
}

function entryOf(given: Case, catchUp: CatchUp): EntryJson {
  const { schedule, timezone, start, startsIn, endsIn } = given;
  return entryJson({
    schedule,
    timezone,
    catchUp,
    catchUpLimit: 10_000,
    startAt: startsIn === null ? null : new Date(start + startsIn),
    endAt: endsIn === null ? null : new Date(start + endsIn),
  }, start);
}

/** A beat that sleeps as it is told. */
function wakeUps(entry: EntryJson, { start, sleeps }: Case): WakeUp[] {
  const times = timesOf(entry);
  let dueAt = dueAfter(entry, times, start);
  let now = start;
  return sleeps.map((sleep) => {
    now += sleep;
    if (dueAt === null || dueAt > now) return { now, sent: [], missed: 0 };
    const { sent, missed, nextAt } = ticksOf(
      entry,
      times,
      dueAt,
      now,
      DEADLINE,
    );
    assert(nextAt === null || nextAt > dueAt, "the due time grows");
    assert(nextAt === null || nextAt > now, "what is due is dealt with");
    assert(sent.every((tick) => tick <= now), "nothing is sent too early");
    dueAt = nextAt;
    return { now, sent, missed };
  });
}

/** All times of an entry up to the last wake-up, one by one; `null`: many. */
function allTimes(entry: EntryJson, { start, sleeps }: Case): number[] | null {
  const end = sleeps.reduce((sum, sleep) => sum + sleep, start);
  const times = timesOf(entry);
  const all: number[] = [];
  let at = dueAfter(entry, times, start);
  while (at !== null && at <= end) {
    if (all.push(at) > 5_000) return null;
    at = dueAfter(entry, times, at);
  }
  return all;
}

function property(
  name: string,
  catchUp: CatchUp,
  check: (
    wakes: readonly WakeUp[],
    all: readonly number[],
  ) => void,
): void {
  Deno.test(name, () => {
    fc.assert(
      fc.property(cases, (given) => {
        const entry = entryOf(given, catchUp);
        const all = allTimes(entry, given);
        fc.pre(all !== null);
        check(wakeUps(entry, given), all as number[]);
      }),
      { numRuns: 150 },
    );
  });
}

property('with catchUp "all" every time is sent for once, in order', "all", (
  wakes,
  all,
) => {
  assertEquals(wakes.flatMap(({ sent }) => sent), all);
  assert(wakes.every(({ missed }) => missed === 0));
});

property(
  'with catchUp "one" the newest time is sent for, at each wake-up',
  "one",
  (
    wakes,
    all,
  ) => {
    let before = -Infinity;
    for (const { now, sent } of wakes) {
      const passed = all.filter((tick) => tick > before && tick <= now);
      assertEquals(sent, passed.slice(-1));
      before = now;
    }
  },
);

property('with catchUp "skip" nothing past the deadline is sent for', "skip", (
  wakes,
  all,
) => {
  let before = -Infinity;
  for (const { now, sent } of wakes) {
    const newest = all.filter((tick) => tick > before && tick <= now).at(-1);
    const counts = newest !== undefined && now - newest <= DEADLINE;
    assertEquals(sent, counts ? [newest] : []);
    before = now;
  }
});
