/** Restarts, errors, edits and set clocks in any order: each time once. */

import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { type Beat, every, type Lovage } from "@lovage/lovage";
import { faultyStore } from "../_helpers.ts";
import { BeatLab } from "./fixtures/beat_lab.ts";

const START = "2026-01-01T00:00:00Z";
const PERIOD = 1_000;

/** What may happen to a beat. */
type Step =
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "restart"; readonly after: number }
  | { readonly do: "fail"; readonly call: string; readonly times: number }
  | { readonly do: "set"; readonly ms: number }
  | { readonly do: "edit" }
  | { readonly do: "join" };

const CALLS = ["lead", "fire", "list", "fetch"].map((each) =>
  `scheduler.${each}`
);
const ms = fc.integer({ min: 0, max: 20_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("pass" as const), ms }),
  fc.record({ do: fc.constant("restart" as const), after: ms }),
  fc.record({
    do: fc.constant("fail" as const),
    call: fc.constantFrom(...CALLS),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    do: fc.constant("set" as const),
    ms: fc.integer({ min: -30_000, max: 30_000 }),
  }),
  fc.constant({ do: "edit" } as const),
  fc.constant({ do: "join" } as const),
);

Deno.test('whatever happens, with catchUp "all" each time is sent for once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      await using lab = await BeatLab.at(START);
      const { store, faults } = faultyStore(lab.store);
      const app = lab.app({ store });
      await lab.app().schedules.add("a", {
        task: "report",
        schedule: every(`${PERIOD}ms`, { aligned: true }),
        catchUp: "all",
        catchUpLimit: 10_000,
      });
      const latest = await live(lab, app, steps, faults.fail.bind(faults));
      const sent = (await lab.sent()).map(({ at: _, tick }) =>
        Date.parse(tick)
      );
      const all = Array.from(
        { length: Math.floor((latest - Date.parse(START)) / PERIOD) },
        (_, at) => Date.parse(START) + (at + 1) * PERIOD,
      );
      assertEquals(sent.sort((one, other) => one - other), all);
      assertEquals((await lab.app().schedules.get("a"))?.totalRuns, all.length);
    }),
    { numRuns: 30 },
  );
});

/** Goes through the steps, and returns the latest time that there was. */
async function live(
  lab: BeatLab,
  app: Lovage,
  steps: readonly Step[],
  fail: (call: string, times: number) => void,
): Promise<number> {
  let beats: Beat[] = [await lab.beat(app)];
  let latest = lab.clock.now();
  const pass = async (ms: number) => {
    await lab.pass(ms);
    latest = Math.max(latest, lab.clock.now());
  };
  for (const each of steps) {
    switch (each.do) {
      case "pass":
        await pass(each.ms);
        break;
      case "restart":
        for (const beat of beats) await beat.stop();
        await pass(each.after);
        beats = [await lab.beat(lab.app())];
        break;
      case "fail":
        fail(each.call, each.times);
        break;
      case "set":
        lab.clock.step(each.ms);
        break;
      case "edit":
        await lab.app().schedules.edit("a", { args: [latest] });
        break;
      case "join":
        beats.push(await lab.beat(lab.app()));
        break;
    }
  }
  // Time enough for every wait to end: errors, and a lease that was lost.
  await pass(Math.max(0, latest - lab.clock.now()) + 40_000);
  return latest;
}
