/** What is not due costs nothing, however much there is of it. */

import { assert, assertEquals } from "@std/assert";
import { faultyStore, until } from "../_helpers.ts";
import { BeatLab, beatTest } from "./fixtures/beat_lab.ts";

/** The calls of a minute in which nothing is due, and the timers that wait. */
async function idleMinute(lab: BeatLab, entries: number) {
  const { store, faults } = faultyStore(lab.store);
  const app = lab.app({ store });
  const schedules = ["1d", "0 0 1 * *", "2h"];
  await app.schedules.put(Object.fromEntries(
    Array.from({ length: entries }, (_, at) => [
      `e${at}`,
      { task: "report", schedule: schedules[at % 3] as "1d" },
    ]),
  ));
  await lab.beat(app);
  await until(() => lab.clock.pending > 0, "all entries to be read");
  await lab.pass(7_000);
  const before = faults.calls.length;
  const timers = new Set<number>();
  for (let second = 0; second < 60; second++) {
    await lab.pass(1_000);
    timers.add(lab.clock.pending);
  }
  assertEquals(await lab.sent(), []);
  return { calls: faults.calls.slice(before), timers: [...timers] };
}

beatTest("a beat looks as often as beatMaxLoopInterval says", async (lab) => {
  const { store, faults } = faultyStore(lab.store);
  const settings = { beatLease: "30s", beatMaxLoopInterval: "1s" } as const;
  await lab.beat(lab.app({ store, ...settings }));
  const before = faults.count("scheduler.lead");
  for (let second = 0; second < 20; second++) await lab.pass(1_000);
  // By default it would be a third of the lease.
  assertEquals(faults.count("scheduler.lead") - before, 20);
});

beatTest("10 000 entries that are not due cost what ten cost", async (lab) => {
  const few = await idleMinute(lab, 10);
  await using other = await BeatLab.at("2026-01-01T00:00:00Z");
  const many = await idleMinute(other, 10_000);
  assertEquals(many, few);
  assertEquals(many.timers, [1]);
  assert(many.calls.length <= 13, `${many.calls.length} calls`);
  assert(many.calls.every((call) => call === "scheduler.lead"));
});

beatTest(
  "10 000 entries that are due at once are sent in few calls",
  async (lab) => {
    const { store, faults } = faultyStore(lab.store);
    const app = lab.app({ store });
    await app.schedules.put(Object.fromEntries(
      Array.from(
        { length: 10_000 },
        (_, at) => [`e${at}`, { task: "report", schedule: "1h" }],
      ),
    ));
    await lab.beat(app);
    await until(() => lab.clock.pending > 0, "all entries to be read");
    await lab.pass(3_600_000 - 1);
    assertEquals(faults.count("scheduler.fire"), 0);
    await lab.pass(1);
    // Sending them takes more than a turn.
    while (faults.count("scheduler.fire") < 20) await lab.pass(0);
    await lab.pass(0);
    assertEquals((await lab.sent()).length, 10_000);
    assertEquals(faults.count("scheduler.fire"), 20);
    assertEquals(faults.count("scheduler.fetch"), 1);
  },
);
