/** The agenda against a plain list. */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { Agenda, type Item } from "../../src/beat/agenda.ts";
import { every } from "../../src/schedules/timing/interval.ts";
import { entryJson, itemOf } from "./fixtures/entries.ts";

const JSON_OF_ALL = entryJson({ schedule: every("1m") });

function item(name: string, dueAt: number | null): Item {
  const made = itemOf(JSON_OF_ALL, 0);
  return { ...made, record: { ...made.record, name, dueAt } };
}

type Step =
  | { readonly do: "set"; readonly name: string; readonly dueAt: number | null }
  | { readonly do: "remove"; readonly name: string }
  | { readonly do: "take"; readonly now: number; readonly limit: number }
  | { readonly do: "clear" };

const name = fc.constantFrom("a", "b", "c", "d", "e");
const time = fc.integer({ min: 0, max: 50 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("set" as const),
      name,
      dueAt: fc.option(time, { nil: null }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("remove" as const), name }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      now: time,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("clear" as const) }),
  },
);

Deno.test("the agenda gives out what is due, in the order of its times", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const agenda = new Agenda();
      const model = new Map<string, number | null>();
      for (const each of steps) {
        if (each.do === "set") {
          agenda.set(item(each.name, each.dueAt));
          model.set(each.name, each.dueAt);
        } else if (each.do === "remove") {
          agenda.remove(each.name);
          model.delete(each.name);
        } else if (each.do === "clear") {
          agenda.clear();
          model.clear();
        } else {
          const taken = agenda.takeDue(each.now, each.limit);
          const due = timesOf(model).filter((at) => at <= each.now);
          assertEquals(
            taken.map(({ record }) => record.dueAt),
            due.slice(0, each.limit),
          );
          for (const { record } of taken) {
            assertEquals(model.get(record.name), record.dueAt);
            model.set(record.name, null);
          }
        }
        assertEquals(agenda.nextAt, timesOf(model)[0] ?? null);
      }
    }),
  );
});

function timesOf(model: ReadonlyMap<string, number | null>): number[] {
  return [...model.values()].filter((at) => at !== null).sort((a, b) => a - b);
}

Deno.test("an entry that is changed again and again leaves nothing behind", () => {
  const agenda = new Agenda();
  agenda.set(item("b", 5));
  for (let at = 10_010; at > 10; at--) agenda.set(item("a", at));
  assertEquals([agenda.size, agenda.nextAt], [2, 5]);
  assert(agenda.held < 100, `${agenda.held} are held`);
  const due = agenda.takeDue(20_000, 10).map(({ record }) => record.dueAt);
  assertEquals(due, [5, 11]);
  assertEquals(agenda.nextAt, null);
});
