/** Which times are made true, and which are left out. */

import { assertEquals } from "@std/assert";
import type { EntryInput } from "../../src/schedules/entry.ts";
import { every } from "../../src/schedules/timing/interval.ts";
import { clocked } from "../../src/schedules/timing/clocked.ts";
import { entryJson, tickNumbers } from "./fixtures/entries.ts";

/** A minute in ms. Entries are due at each, counted from 1970. */
const M = 60_000;
/** How late a time counts with "skip". */
const DEADLINE = 30_000;

function minutes(
  changes: Partial<EntryInput>,
  dueAt: number,
  now: number,
) {
  const entry = entryJson({
    schedule: every("1m", { aligned: true }),
    ...changes,
  });
  const { newest: _, ...ticks } = tickNumbers(entry, {
    dueAt,
    now,
    deadline: DEADLINE,
  });
  return ticks;
}

for (const catchUp of ["one", "all", "skip"] as const) {
  Deno.test(`a time that is not missed is sent for, with catchUp "${catchUp}"`, () => {
    for (const late of [0, 1, DEADLINE]) {
      assertEquals(minutes({ catchUp }, 5 * M, 5 * M + late), {
        sent: [5 * M],
        missed: 0,
        nextAt: 6 * M,
      });
    }
  });
}

Deno.test('with catchUp "one" the latest of many times is sent for', () => {
  assertEquals(minutes({ catchUp: "one" }, 5 * M, 6 * M), {
    sent: [6 * M],
    missed: 1,
    nextAt: 7 * M,
  });
  assertEquals(minutes({ catchUp: "one" }, 5 * M, 14.9 * M), {
    sent: [14 * M],
    missed: 9,
    nextAt: 15 * M,
  });
});

Deno.test('with catchUp "all" each time is sent for, in their order', () => {
  assertEquals(minutes({ catchUp: "all" }, 5 * M, 8 * M - 1), {
    sent: [5 * M, 6 * M, 7 * M],
    missed: 0,
    nextAt: 8 * M,
  });
});

Deno.test('with catchUp "all" the latest are sent for, up to the limit', () => {
  const limited = { catchUp: "all", catchUpLimit: 2 } as const;
  assertEquals(minutes(limited, 5 * M, 6 * M), {
    sent: [5 * M, 6 * M],
    missed: 0,
    nextAt: 7 * M,
  });
  assertEquals(minutes(limited, 5 * M, 9 * M), {
    sent: [8 * M, 9 * M],
    missed: 3,
    nextAt: 10 * M,
  });
});

Deno.test('with catchUp "skip" the latest counts until the deadline', () => {
  assertEquals(minutes({ catchUp: "skip" }, 5 * M, 9 * M + DEADLINE), {
    sent: [9 * M],
    missed: 4,
    nextAt: 10 * M,
  });
  assertEquals(minutes({ catchUp: "skip" }, 5 * M, 9 * M + DEADLINE + 1), {
    sent: [],
    missed: 5,
    nextAt: 10 * M,
  });
});

Deno.test("nothing is sent for after the end, what was before it is", () => {
  const endAt = new Date(7 * M);
  assertEquals(minutes({ catchUp: "all", endAt }, 5 * M, 60 * M), {
    sent: [5 * M, 6 * M, 7 * M],
    missed: 0,
    nextAt: null,
  });
  assertEquals(minutes({ catchUp: "one", endAt }, 5 * M, 60 * M), {
    sent: [7 * M],
    missed: 2,
    nextAt: null,
  });
  assertEquals(minutes({ catchUp: "skip", endAt }, 5 * M, 60 * M), {
    sent: [],
    missed: 3,
    nextAt: null,
  });
  const between = new Date(6.5 * M);
  assertEquals(minutes({ endAt: between }, 6 * M, 6 * M).nextAt, null);
  assertEquals(minutes({ endAt }, 6 * M, 6 * M).nextAt, 7 * M);
});

Deno.test("a one-off is sent once, however many times were missed", () => {
  for (const catchUp of ["one", "all"] as const) {
    assertEquals(minutes({ catchUp, oneOff: true }, 5 * M, 9 * M).sent, [
      9 * M,
    ]);
  }
});

Deno.test("a clocked entry is due once, late if need be", () => {
  const schedule = clocked(new Date(5 * M));
  for (const catchUp of ["one", "all"] as const) {
    assertEquals(minutes({ schedule, catchUp }, 5 * M, 9 * M), {
      sent: [5 * M],
      missed: 0,
      nextAt: null,
    });
  }
  assertEquals(minutes({ schedule, catchUp: "skip" }, 5 * M, 9 * M), {
    sent: [],
    missed: 1,
    nextAt: null,
  });
});

Deno.test("of very many missed times not all are counted", () => {
  const far = 1_000_000 * M;
  assertEquals(minutes({ catchUp: "one" }, 5 * M, far), {
    sent: [far],
    missed: 99,
    nextAt: far + M,
  });
  const all = minutes({ catchUp: "all" }, 5 * M, far);
  assertEquals(
    [all.sent.length, all.sent[0], all.sent.at(-1), all.missed],
    [100, far - 99 * M, far, 100],
  );
});

Deno.test("a due time that is none of the schedule's is sent for all the same", () => {
  assertEquals(minutes({ catchUp: "all" }, 5.5 * M, 5.7 * M), {
    sent: [5.5 * M],
    missed: 0,
    nextAt: 6 * M,
  });
});
