import { assertEquals } from "@std/assert";
import { BoundedMap } from "../../../src/schedules/timing/bounded_map.ts";
import { rememberLast } from "../../../src/schedules/timing/remembered.ts";

/** Every tenth number up to 30, and which were asked for. */
function tens(): { asked: number[]; times: ReturnType<typeof rememberLast> } {
  const asked: number[] = [];
  const times = rememberLast({
    next(after) {
      asked.push(after);
      const next = (Math.floor(after / 10) + 1) * 10;
      return next <= 30 ? next : null;
    },
    previous(before) {
      asked.push(before);
      const previous = (Math.ceil(before / 10) - 1) * 10;
      return previous >= 0 ? previous : null;
    },
  });
  return { asked, times };
}

Deno.test("remembered: what lies between a time and its answer is not looked for again", () => {
  const { asked, times } = tens();
  assertEquals([12, 12, 15, 19.9].map(times.next), [20, 20, 20, 20]);
  assertEquals(asked, [12]);
  assertEquals([18, 17, 10.5].map(times.previous), [10, 10, 10]);
  assertEquals(asked, [12, 18]);
});

Deno.test("remembered: beyond that it is", () => {
  const { asked, times } = tens();
  assertEquals([12, 20, 11, 35, 99, 5].map(times.next), [
    20,
    30,
    20,
    null,
    null,
    10,
  ]);
  assertEquals(asked, [12, 20, 11, 35, 5]);
  asked.length = 0;
  assertEquals([18, 10, 19, 0, -5, 35].map(times.previous), [
    10,
    0,
    10,
    null,
    null,
    30,
  ]);
  assertEquals(asked, [18, 10, 19, 0, 35]);
});

Deno.test("remembered: times without end are asked for within the calendar", () => {
  const { asked, times } = tens();
  assertEquals(times.next(Infinity), null);
  assertEquals(times.previous(-Infinity), null);
  assertEquals(asked, [Date.UTC(3000, 0), Date.parse("0001-01-01T00:00Z")]);
});

Deno.test("BoundedMap: forgets what was not used for longest", () => {
  const made: string[] = [];
  const map = new BoundedMap<string, string>(2);
  const get = (key: string) =>
    map.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  assertEquals(["a", "b", "a", "c", "a", "b"].map(get), [
    "A",
    "B",
    "A",
    "C",
    "A",
    "B",
  ]);
  assertEquals(made, ["a", "b", "c", "b"]);
});
