/** What becomes of times at which no beat ran. */

import { assertEquals } from "@std/assert";
import type { CatchUp, EntryInput } from "../../src/schedules/entry.ts";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";

/** Sends each minute; no beat runs from 00:02:30 to 00:06:10. */
async function outage(lab: BeatLab, changes: Partial<EntryInput>) {
  const app = lab.app({ beatCronStartingDeadline: "10s" });
  await app.schedules.add("a", {
    task: "report",
    schedule: "* * * * *",
    ...changes,
  });
  const first = await lab.beat(app);
  await lab.passTo("2026-01-01T00:02:30Z");
  await first.stop();
  await lab.passTo("2026-01-01T00:06:10Z");
  await lab.beat(app);
  const late = (await lab.ticks()).slice(2);
  await lab.passTo("2026-01-01T00:07:30Z");
  const after = (await lab.ticks()).slice(2 + late.length);
  const entry = await app.schedules.get("a");
  const minutes = (ticks: readonly string[]) =>
    ticks.map((tick) => tick.slice("2026-01-01T00:".length, -"Z".length));
  return {
    late: minutes(late),
    after: minutes(after),
    missed: entry?.missedRuns,
  };
}

const CASES: readonly (readonly [CatchUp, string[], number])[] = [
  ["one", ["06:00"], 3],
  ["all", ["03:00", "04:00", "05:00", "06:00"], 0],
  ["skip", ["06:00"], 3],
];
for (const [catchUp, late, missed] of CASES) {
  beatTest(
    `after an outage beat goes on, with catchUp "${catchUp}"`,
    async (lab) => {
      assertEquals(await outage(lab, { catchUp }), {
        late,
        after: ["07:00"],
        missed,
      });
    },
  );
}

beatTest(
  "after an outage no more is made up for than the limit",
  async (lab) => {
    assertEquals(await outage(lab, { catchUp: "all", catchUpLimit: 3 }), {
      late: ["04:00", "05:00", "06:00"],
      after: ["07:00"],
      missed: 1,
    });
  },
);

beatTest('what is too late for "skip" is left out and counted', async (lab) => {
  const app = lab.app({ beatCronStartingDeadline: "10s" });
  const schedule = "* * * * *";
  await app.schedules.add("a", { task: "report", schedule, catchUp: "skip" });
  await lab.passTo("2026-01-01T00:05:11Z");
  const beat = await lab.beat(app);
  assertEquals(await lab.ticks(), []);
  assertEquals((await app.schedules.get("a"))?.missedRuns, 5);
  assertEquals(beat.totals, { sent: 0, leftOut: 5 });
  await lab.passTo("2026-01-01T00:06:00Z");
  assertEquals(await lab.ticks(), ["2026-01-01T00:06:00Z"]);
});

beatTest("what is left out is said, with why", async (lab) => {
  await using log = await lab.log();
  const app = lab.app({ beatCronStartingDeadline: "10s" });
  const schedule = "* * * * *";
  await app.schedules.add("a", {
    task: "report",
    schedule,
    catchUp: "skip",
    overlap: "skip",
  });
  await lab.passTo("2026-01-01T00:05:11Z");
  await lab.beat(app);
  const [line, ...more] = log.complaints;
  assertEquals(more, []);
  assertEquals(line?.includes("not over"), false, line);
});

beatTest(
  "an entry that ended during an outage is made up for, and over",
  async (lab) => {
    const { late, after } = await outage(lab, {
      catchUp: "all",
      endAt: "2026-01-01T00:04:30Z",
    });
    assertEquals([late, after], [["03:00", "04:00"], []]);
  },
);

beatTest(
  "a clocked time that fell into an outage is sent late",
  async (lab) => {
    const app = lab.app();
    const { clocked } = await import("@lovage/lovage");
    const schedule = clocked("2026-01-01T00:01:00Z");
    await app.schedules.add("a", { task: "report", schedule });
    await lab.pass(86_400_000);
    await lab.beat(app);
    await lab.pass(60_000);
    assertEquals(await lab.ticks(), ["2026-01-01T00:01:00Z"]);
  },
);
