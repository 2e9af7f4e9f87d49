import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { crons, crontabs, moments, RUNS } from "./arbitraries.ts";
import type { Written } from "./arbitraries.ts";
import { inZone, iso } from "./_cases.ts";
import { timesWithin } from "./reference.ts";

const SPAN = 2 * 86_400_000;

/** Compares a schedule with the reference, at some times around a moment. */
function compare(
  { spec, reference }: Written,
  { timezone, at }: { timezone: string; at: number },
  offsets: readonly number[],
): void {
  const [from, to] = [at - SPAN, at + SPAN];
  const times = timesWithin(reference, timezone, from, to);
  const schedule = inZone(spec, timezone);
  const near = times.filter((time) => Math.abs(time - at) < SPAN / 8).slice(
    0,
    40,
  );
  for (const asked of [at, ...offsets.map((offset) => at + offset), ...near]) {
    const label = `${spec.describe()} in ${timezone} at ${iso(asked)}`;
    const next = schedule.next(asked);
    const expected = times.find((time) => time > asked);
    if (expected !== undefined) assertEquals(iso(next), iso(expected), label);
    else assert(next === null || next > to, `${label}: ${iso(next)}`);
    const previous = schedule.previous(asked);
    const before = times.findLast((time) => time < asked);
    if (before !== undefined) assertEquals(iso(previous), iso(before), label);
    else {assert(
        previous === null || previous < from,
        `${label}: ${iso(previous)}`,
      );}
  }
}

const offsets = fc.array(
  fc.integer({ min: 1 - SPAN, max: SPAN - 1 }),
  { maxLength: 8 },
);

Deno.test("crontab: is due when a look at every minute says so", () => {
  fc.assert(fc.property(crontabs, moments, offsets, compare), {
    numRuns: RUNS,
  });
});

Deno.test("cron: is due when a look at every minute says so", () => {
  fc.assert(fc.property(crons, moments, offsets, compare), { numRuns: RUNS });
});

Deno.test("crontab and cron: next and previous undo each other, however far apart", () => {
  const some = fc.oneof(crontabs, crons);
  fc.assert(
    fc.property(some, moments, ({ spec }, { timezone, at }) => {
      const schedule = inZone(spec, timezone);
      const next = schedule.next(at);
      assert(next !== null && next > at, String(next));
      assertEquals(schedule.next(next - 1), next);
      assertEquals(schedule.previous(next + 1), next);
      const previous = schedule.previous(next);
      assert(previous === null || previous <= at, String(previous));
      if (previous !== null) assertEquals(schedule.next(previous), next);
    }),
    { numRuns: RUNS },
  );
});
