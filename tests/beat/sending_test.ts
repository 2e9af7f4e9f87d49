/** What beat sends, and when. */

import { assertEquals } from "@std/assert";
import { clocked, crontab, every } from "@lovage/lovage";
import { isSignature } from "../../src/message/canvas_json.ts";
import { drain, enqueued } from "../../src/testing/mod.ts";
import { beatTest } from "./fixtures/beat_lab.ts";

const BERLIN = "Europe/Berlin";

/** A week, with a beat that looks at the store every eight hours. */
async function week(
  lab: Parameters<Parameters<typeof beatTest>[1]>[0],
  schedule: ReturnType<typeof crontab>,
): Promise<string[]> {
  const app = lab.app({
    beatLease: "1d",
    timezone: BERLIN,
    beatSchedule: { entry: { task: "report", schedule, catchUp: "all" } },
  });
  await lab.beat(app);
  await lab.pass(7 * 86_400_000);
  const sent = await lab.sent();
  for (const { tick, at } of sent) assertEquals(Date.parse(tick), at);
  return sent.map(({ tick }) => tick);
}

/** Days of a month, at a time. */
const days = (month: string, from: number, to: number, time: string) =>
  Array.from(
    { length: to - from + 1 },
    (_, day) => `${month}-${String(from + day).padStart(2, "0")}T${time}Z`,
  );

beatTest(
  "an entry is sent at the same hour of Berlin when summer begins",
  async (lab) => {
    assertEquals(await week(lab, crontab({ hour: 8, minute: 0 })), [
      ...days("2026-03", 26, 28, "07:00:00"),
      ...days("2026-03", 29, 31, "06:00:00"),
      "2026-04-01T06:00:00Z",
    ]);
  },
  "2026-03-26T00:00:00+01:00",
);

beatTest(
  "an entry is sent at the same hour of Berlin when summer ends",
  async (lab) => {
    assertEquals(await week(lab, crontab({ hour: 8, minute: 0 })), [
      ...days("2026-10", 22, 24, "06:00:00"),
      ...days("2026-10", 25, 28, "07:00:00"),
    ]);
  },
  "2026-10-22T00:00:00+02:00",
);

beatTest(
  "an entry in the hour that falls out is sent when it is over",
  async (lab) => {
    assertEquals(await week(lab, crontab({ hour: 2, minute: 30 })), [
      ...days("2026-03", 26, 28, "01:30:00"),
      "2026-03-29T01:00:00Z",
      ...days("2026-03", 30, 31, "00:30:00"),
      "2026-04-01T00:30:00Z",
    ]);
  },
  "2026-03-26T00:00:00+01:00",
);

beatTest("an entry in the hour that comes twice is sent once", async (lab) => {
  assertEquals(await week(lab, crontab({ hour: 2, minute: 30 })), [
    ...days("2026-10", 22, 25, "00:30:00"),
    ...days("2026-10", 26, 28, "01:30:00"),
  ]);
}, "2026-10-22T00:00:00+02:00");

for (
  const start of ["2026-03-26T00:00:00+01:00", "2026-10-22T00:00:00+02:00"]
) {
  beatTest(
    `a rhythm goes on through the change of the clocks, from ${start}`,
    async (lab) => {
      const ticks = await week(lab, crontab({ minute: "*/30" }));
      const from = Date.parse(start);
      assertEquals(
        ticks.map((tick) => Date.parse(tick) - from),
        Array.from({ length: 7 * 48 }, (_, at) => (at + 1) * 1_800_000),
      );
    },
    start,
  );
}

beatTest("an interval is counted from where its entry began", async (lab) => {
  const app = lab.app();
  app.addPeriodicTask("90s", app.signature("report", []) as never, {
    name: "a",
  });
  await lab.pass(7);
  await lab.beat(app);
  await lab.passTo("2026-01-01T00:04:00Z");
  assertEquals(await lab.ticks("a"), [
    "2026-01-01T00:01:30.007Z",
    "2026-01-01T00:03:00.007Z",
  ]);
});

beatTest(
  "startAt is the first time of an interval, endAt may be the last",
  async (lab) => {
    const app = lab.app({ beatLease: "1h" });
    await app.schedules.add("a", {
      task: "report",
      schedule: every("1m"),
      startAt: "2026-01-01T01:00:30Z",
      endAt: "2026-01-01T01:02:30Z",
    });
    await lab.beat(app);
    await lab.passTo("2026-01-01T03:00:00Z");
    assertEquals(await lab.ticks(), [
      "2026-01-01T01:00:30Z",
      "2026-01-01T01:01:30Z",
      "2026-01-01T01:02:30Z",
    ]);
    const entry = await app.schedules.get("a");
    assertEquals([entry?.nextRunAt, entry?.totalRuns], [null, 3]);
  },
);

beatTest("a one-off and a clocked entry are sent once", async (lab) => {
  const app = lab.app();
  const task = "report";
  await app.schedules.put({
    once: { task, schedule: "10s", oneOff: true },
    then: { task, schedule: clocked("2026-01-01T00:00:15Z") },
  });
  await lab.beat(app);
  await lab.pass(60_000);
  assertEquals(await lab.ticks("once"), ["2026-01-01T00:00:10Z"]);
  assertEquals(await lab.ticks("then"), ["2026-01-01T00:00:15Z"]);
});

beatTest("a one-off goes again once it is enabled again", async (lab) => {
  const app = lab.app();
  await app.schedules.add("once", {
    task: "report",
    schedule: "10s",
    oneOff: true,
  });
  await lab.beat(app);
  await lab.pass(25_000);
  await app.schedules.enable("once");
  await lab.pass(60_000);
  assertEquals(await lab.ticks(), [
    "2026-01-01T00:00:10Z",
    "2026-01-01T00:00:30Z",
  ]);
});

beatTest("the history of an entry says what came of it", async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", { task: "report", schedule: "10s" });
  await lab.beat(app);
  await lab.pass(35_000);
  const entry = await app.schedules.get("a");
  assertEquals([entry?.totalRuns, entry?.lastRunAt, entry?.lastTaskId], [
    3,
    new Date("2026-01-01T00:00:30Z"),
    "a@2026-01-01T00:00:30Z",
  ]);
  assertEquals(entry?.nextRunAt, new Date("2026-01-01T00:00:40Z"));
});

beatTest("how an entry is sent is as its options say", async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", {
    task: "report",
    schedule: "10s",
    options: {
      queue: "slow",
      priority: 7,
      expires: "5m",
      countdown: "1m",
      headers: { tenant: 3 },
      timeLimit: "20s",
      softTimeLimit: "10s",
      shadow: "The report",
      ignoreResult: true,
      link: app.signature("report", ["linked"]),
    },
  });
  await lab.beat(app);
  await lab.pass(10_000);
  const [task] = await enqueued(app);
  assertEquals([task?.queue, task?.priority, task?.status], [
    "slow",
    7,
    "scheduled",
  ]);
  assertEquals(task?.eta, new Date("2026-01-01T00:01:10Z"));
  assertEquals(task?.expires, new Date("2026-01-01T00:05:10Z"));
  assertEquals(task?.headers, { tenant: 3, periodicTaskName: "a" });
  const [sent] = await lab.sent();
  const { timeLimit, softTimeLimit, shadow, ignoreResult, link } =
    sent!.envelope;
  assertEquals([timeLimit, softTimeLimit, shadow, ignoreResult], [
    20_000,
    10_000,
    "The report",
    true,
  ]);
  assertEquals(link?.map((each) => isSignature(each) && each.args), [[
    "linked",
  ]]);
});

beatTest("an entry goes where its task is routed", async (lab) => {
  const app = lab.app({ taskRoutes: { "mail.*": { queue: "mail" } } });
  app.task("mail.send", () => {});
  app.task("own", { queue: "own", priority: 2 }, () => {});
  await app.schedules.put({
    routed: { task: "mail.send", schedule: "10s" },
    own: { task: "own", schedule: "10s" },
  });
  await lab.beat(app);
  await lab.pass(10_000);
  const places = (await lab.sent()).map(({ entry, envelope }) =>
    [entry, envelope.queue, envelope.priority] as const
  );
  assertEquals(places.sort(), [["own", "own", 2], ["routed", "mail", 4]]);
});

beatTest("rich arguments arrive as they were given", async (lab) => {
  const app = lab.app();
  const got: unknown[][] = [];
  app.task("keep", (...args: unknown[]) => void got.push(args));
  const args = [
    new Date(5),
    new Map([["a", new Set([1n])]]),
    undefined,
    NaN,
  ];
  await app.schedules.add("a", {
    task: "keep",
    schedule: "10s",
    args,
    kwargs: { since: new Date(7) },
  });
  app.addPeriodicTask(
    "10s",
    app.signature("keep", [new Map([[1, 2]])]).set({
      kwargs: { n: 1n },
    }) as never,
    { name: "b" },
  );
  await lab.beat(app);
  await lab.pass(10_000);
  await app.schedules.disable("a");
  await app.schedules.disable("b");
  assertEquals(await drain(app), { SUCCESS: 2 });
  got.sort((one, other) => one.length - other.length);
  assertEquals(got, [
    [new Map([[1, 2]]), { n: 1n }],
    [...args, { since: new Date(7) }],
  ]);
});
