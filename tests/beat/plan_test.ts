/** What an entry that is due means: overlaps, one-offs, and its state. */

import { assertEquals } from "@std/assert";
import { firingOf, type Plan, planOf, tickId } from "../../src/beat/firing.ts";
import type { EntryInput } from "../../src/schedules/entry.ts";
import {
  decodeState,
  type EntryState,
} from "../../src/schedules/entry_state.ts";
import { every } from "../../src/schedules/timing/interval.ts";
import { rawMessage } from "../_helpers.ts";
import { entryJson, itemOf } from "./fixtures/entries.ts";

const M = 60_000;
const BEFORE: EntryState = {
  lastRunAt: 4 * M,
  lastTaskId: "before",
  totalRuns: 7,
  skipped: 1,
  missed: 2,
  doneUntil: 4 * M,
};

function plan(
  changes: Partial<EntryInput>,
  { now = 5 * M, isRunning = false }: { now?: number; isRunning?: boolean },
) {
  const schedule = every("1m", { aligned: true });
  const item = itemOf(entryJson({ schedule, ...changes }), 5 * M, BEFORE);
  const made = planOf(item, { now, deadline: 30_000, isRunning });
  const { sent, nextAt, replaces } = made;
  return { sent, nextAt, replaces, state: stateAfter(made) };
}

/** What is kept when all is sent. */
function stateAfter(made: Plan): EntryState {
  const ids = made.sent.map((tick) => tickId("entry", tick));
  const messages = ids.map((id) => rawMessage("", { id }));
  return decodeState(firingOf(made, messages).state);
}

const FIRED: EntryState = {
  ...BEFORE,
  lastRunAt: 5 * M,
  lastTaskId: tickId("entry", 5 * M),
  totalRuns: 8,
  doneUntil: 5 * M,
};

Deno.test("the id of a task follows from its entry and its time", () => {
  assertEquals(tickId("a b", 0), "a b@1970-01-01T00:00:00Z");
  assertEquals(tickId("a", 1), "a@1970-01-01T00:00:00.001Z");
});

Deno.test("a plan names what it is based on", () => {
  const item = itemOf(entryJson({ schedule: every("1m") }), M);
  const made = planOf(item, { now: M, deadline: 0, isRunning: false });
  const { name, revision, dueAt, messages } = firingOf(made, []);
  assertEquals([name, revision, dueAt, messages], ["entry", 3, M, []]);
});

for (const isRunning of [false, true]) {
  Deno.test(`with overlap "allow" a time is sent for while the one before ${isRunning ? "runs" : "is over"}`, () => {
    assertEquals(plan({ overlap: "allow" }, { isRunning }), {
      sent: [5 * M],
      nextAt: 6 * M,
      replaces: null,
      state: FIRED,
    });
  });
}

Deno.test('with overlap "skip" a time is left out while the one before runs', () => {
  assertEquals(plan({ overlap: "skip" }, {}).state, FIRED);
  assertEquals(plan({ overlap: "skip" }, { isRunning: true }), {
    sent: [],
    nextAt: 6 * M,
    replaces: null,
    state: { ...BEFORE, skipped: 2, doneUntil: 5 * M },
  });
});

Deno.test('with overlap "replace" the one before makes room, if it runs', () => {
  assertEquals(plan({ overlap: "replace" }, {}).replaces, null);
  assertEquals(plan({ overlap: "replace" }, { isRunning: true }), {
    sent: [5 * M],
    nextAt: 6 * M,
    replaces: "before",
    state: FIRED,
  });
});

Deno.test("nothing makes room for times that are left out", () => {
  const options = { overlap: "replace", catchUp: "skip" } as const;
  const late = { now: 6 * M - 1, isRunning: true };
  assertEquals(plan(options, late), {
    sent: [],
    nextAt: 6 * M,
    replaces: null,
    state: { ...BEFORE, missed: 3, doneUntil: 5 * M },
  });
});

Deno.test("of several times at once only the last one may not overlap others", () => {
  const now = 7 * M;
  for (const overlap of ["skip", "replace"] as const) {
    const { sent, state } = plan({ overlap, catchUp: "all" }, { now });
    assertEquals(sent, [7 * M]);
    assertEquals([state.totalRuns, state.skipped], [8, 3]);
  }
  const skipped = plan({ overlap: "skip", catchUp: "all" }, {
    now,
    isRunning: true,
  });
  assertEquals([skipped.sent, skipped.state.skipped], [[], 4]);
  const { sent, state } = plan({ overlap: "allow", catchUp: "all" }, { now });
  assertEquals([sent.length, state.totalRuns, state.skipped], [3, 10, 1]);
});

Deno.test("a one-off is over once it was sent, not when it was left out", () => {
  assertEquals(plan({ oneOff: true }, {}).nextAt, null);
  const skip = { oneOff: true, overlap: "skip" } as const;
  assertEquals(plan(skip, { isRunning: true }).nextAt, 6 * M);
  const missed = { oneOff: true, catchUp: "skip" } as const;
  assertEquals(plan(missed, { now: 6 * M - 1 }).nextAt, 6 * M);
});

Deno.test("a state that cannot be read begins anew", () => {
  const item = itemOf(entryJson({ schedule: every("1m") }), M);
  const broken = { ...item, record: { ...item.record, state: "{" } };
  const made = planOf(broken, { now: M, deadline: 0, isRunning: false });
  assertEquals(stateAfter(made).totalRuns, 1);
});

Deno.test("what was dropped on its way is not counted as sent", () => {
  const item = itemOf(entryJson({ schedule: every("1m") }), 5 * M, BEFORE);
  const made = planOf(item, { now: 5 * M, deadline: 0, isRunning: false });
  const state = decodeState(firingOf(made, []).state);
  assertEquals(state, { ...BEFORE, doneUntil: 5 * M });
});

Deno.test("the last task is that which the middleware has left", () => {
  const item = itemOf(entryJson({ schedule: every("1m") }), 5 * M, BEFORE);
  const made = planOf(item, { now: 5 * M, deadline: 0, isRunning: false });
  const message = rawMessage("", { id: "renamed" });
  assertEquals(
    decodeState(firingOf(made, [message]).state).lastTaskId,
    "renamed",
  );
});

Deno.test("a time that is over is not sent for again", () => {
  const state = { ...BEFORE, doneUntil: 6 * M };
  const again = (now: number, changes: Partial<EntryInput> = {}) => {
    const schedule = every("1m", { aligned: true });
    const json = entryJson({ schedule, catchUp: "all", ...changes });
    const item = itemOf(json, 5 * M, state);
    const made = planOf(item, { now, deadline: 0, isRunning: false });
    return [made.sent, made.missed, made.nextAt];
  };
  assertEquals(again(6.5 * M), [[], 0, 7 * M]);
  assertEquals(again(8.5 * M), [[7 * M, 8 * M], 0, 9 * M]);
  assertEquals(again(8.5 * M, { oneOff: true }), [[], 0, null]);
  assertEquals(again(6.5 * M, { endAt: new Date(6.9 * M) }), [[], 0, null]);
});

Deno.test("after a clock was far ahead, an entry that is written anew is sent", () => {
  const item = itemOf(entryJson({ schedule: every("1m") }), 5 * M, {
    ...BEFORE,
    doneUntil: 1_000 * M,
  });
  const made = planOf(item, { now: 5 * M, deadline: 0, isRunning: false });
  assertEquals(made.sent, [5 * M]);
});
