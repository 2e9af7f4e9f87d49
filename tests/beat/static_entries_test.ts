/** Entries of an app's code, and how they stand in the store. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, type Lovage, ScheduleError } from "@lovage/lovage";
import type { BeatSchedule } from "../../src/schedules/entry.ts";
import { faultyStore } from "../_helpers.ts";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";

const EACH = { task: "report", schedule: "10s" } as const;

/** Starts a beat of an app with these entries, and stops it. */
async function deploy(
  lab: BeatLab,
  beatSchedule: BeatSchedule,
  name?: string,
): Promise<Lovage> {
  const app = lab.app({ beatSchedule }, name);
  const beat = await lab.beat(app);
  await beat.stop();
  return app;
}

async function namesOf(app: Lovage): Promise<string[]> {
  return (await Array.fromAsync(app.schedules.list())).map(({ name }) => name);
}

beatTest("the entries of the code are stored once", async (lab) => {
  const { store, faults } = faultyStore(lab.store);
  for (let start = 0; start < 3; start++) {
    const app = lab.app({ store, beatSchedule: { a: EACH } });
    app.addPeriodicTask("20s", app.signature("report", [1]) as never, {
      name: "b",
    });
    await (await lab.beat(app)).stop();
    await lab.pass(3_000);
  }
  assertEquals(await namesOf(lab.app()), ["a", "b"]);
  assertEquals(faults.count("scheduler.put"), 1);
  const entry = await lab.app().schedules.get("a");
  assertEquals([entry?.app, entry?.revision], ["lab", 1]);
  assertEquals(entry?.nextRunAt, new Date("2026-01-01T00:00:10Z"));
});

beatTest("two beats that start together store them once", async (lab) => {
  const beatSchedule = { a: EACH };
  const apps = [lab.app({ beatSchedule }), lab.app({ beatSchedule })];
  await Promise.all(apps.map((app) => app.beat()));
  await lab.pass(30_000);
  assertEquals((await lab.sent()).length, 3);
});

beatTest(
  "what is changed in the code is changed, what is taken out removed",
  async (lab) => {
    await deploy(lab, { a: EACH, b: EACH });
    const app = await deploy(lab, {
      a: { ...EACH, schedule: "15s", args: [2] },
    });
    assertEquals(await namesOf(app), ["a"]);
    const entry = await app.schedules.get("a");
    assertEquals([entry?.args, entry?.nextRunAt], [
      [2],
      new Date("2026-01-01T00:00:15Z"),
    ]);
  },
);

beatTest(
  "a change that is none of its times leaves what is due due",
  async (lab) => {
    await deploy(lab, { a: EACH });
    await lab.pass(12_000);
    const app = lab.app({ beatSchedule: { a: { ...EACH, args: [2] } } });
    await lab.beat(app);
    const [sent] = await lab.sent();
    assertEquals([sent?.tick, sent?.envelope.args], ["2026-01-01T00:00:10Z", [
      2,
    ]]);
  },
);

beatTest(
  "what is taken out of the code is not sent any more by a running beat",
  async (lab) => {
    await lab.beat(lab.app({ beatSchedule: { a: EACH } }));
    await lab.pass(10_000);
    await deploy(lab, {});
    await lab.pass(20_000);
    assertEquals((await lab.sent()).length, 1);
  },
);

beatTest("what is stored only stays, whatever the code says", async (lab) => {
  const app = lab.app();
  await app.schedules.add("stored", EACH);
  await deploy(lab, { a: EACH });
  await deploy(lab, {});
  assertEquals(await namesOf(app), ["stored"]);
});

beatTest(
  "the apps on one store leave each other's entries alone",
  async (lab) => {
    await deploy(lab, { a: EACH }, "one");
    await deploy(lab, { b: EACH }, "other");
    await deploy(lab, { a: EACH }, "one");
    assertEquals(await namesOf(lab.app()), ["a", "b"]);
    await deploy(lab, {}, "other");
    assertEquals(await namesOf(lab.app()), ["a"]);
  },
);

beatTest(
  "what an operator switches off stays off, until the code says otherwise",
  async (lab) => {
    const app = await deploy(lab, { a: EACH });
    const isEnabled = async () => (await app.schedules.get("a"))?.enabled;
    await app.schedules.disable("a");
    await deploy(lab, { a: EACH });
    assertEquals(await isEnabled(), false);
    await deploy(lab, { a: { ...EACH, args: [1], schedule: "1m" } });
    assertEquals(await isEnabled(), false);
    await deploy(lab, { a: { ...EACH, enabled: false } });
    await deploy(lab, { a: EACH });
    assertEquals(await isEnabled(), true);
    const entry = await app.schedules.get("a");
    assertEquals(entry?.nextRunAt, new Date("2026-01-01T00:00:10Z"));
  },
);

beatTest(
  "an entry that the code has switched off can be switched on, and stays on",
  async (lab) => {
    const beatSchedule = { a: { ...EACH, enabled: false } };
    const app = await deploy(lab, beatSchedule);
    await app.schedules.enable("a");
    await deploy(lab, beatSchedule);
    assertEquals((await app.schedules.get("a"))?.enabled, true);
  },
);

beatTest("a one-off of the code is sent once, over restarts", async (lab) => {
  const beatSchedule = { once: { ...EACH, oneOff: true } };
  for (let start = 0; start < 3; start++) {
    const beat = await lab.beat(lab.app({ beatSchedule }));
    await lab.pass(15_000);
    await beat.stop();
  }
  assertEquals(await lab.ticks(), ["2026-01-01T00:00:10Z"]);
});

beatTest("entries of the code are changed in the code", async (lab) => {
  const app = await deploy(lab, { a: EACH });
  const { schedules } = app;
  for (
    const change of [
      () => schedules.edit("a", { args: [1] }),
      () => schedules.put({ a: EACH }),
      () => schedules.remove("a"),
    ]
  ) {
    await assertRejects(
      change,
      ScheduleError,
      'written in the code of app "lab"',
    );
  }
  await assertRejects(() => schedules.add("a", EACH), ScheduleError, "already");
});

beatTest("a name is taken once", (lab) => {
  const app = lab.app({ beatSchedule: { a: EACH } });
  const report = app.signature("report", []) as never;
  assertEquals(app.addPeriodicTask("10s", report), "report");
  assertThrows(
    () => app.addPeriodicTask("10s", report),
    ScheduleError,
    'has a schedule entry "report" already',
  );
  assertThrows(
    () => app.addPeriodicTask("10s", report, { name: "a" }),
    ScheduleError,
    "already",
  );
  assertEquals(
    app.addPeriodicTask("10s", report, { name: "toString" }),
    "toString",
  );
  return Promise.resolve();
});

beatTest("a mistake in the code is refused where it is written", (lab) => {
  const app = lab.app();
  const report = app.signature("report", []) as never;
  assertThrows(
    () => app.addPeriodicTask("10 parsecs", report),
    ScheduleError,
    'the schedule entry "report"',
  );
  assertThrows(
    () => lab.app({ beatSchedule: { a: { task: "report" } as never } }),
    ScheduleError,
    'the schedule entry "a" has no schedule',
  );
  assertThrows(
    () =>
      app.configure({
        beatSchedule: { a: { ...EACH, overlp: "skip" } as never },
      }),
    ConfigError,
    'Did you mean "overlap"?',
  );
  return Promise.resolve();
});

beatTest(
  "a task that the app does not have keeps beat from starting",
  async (lab) => {
    const app = lab.app({ beatSchedule: { a: { ...EACH, task: "repotr" } } });
    await assertRejects(
      () => app.beat(),
      ScheduleError,
      'Did you mean "report"?',
    );
  },
);
