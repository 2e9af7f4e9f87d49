import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  clocked,
  ConfigError,
  cron,
  crontab,
  EncodeError,
  every,
  type Lovage,
  ScheduleError,
} from "@lovage/lovage";
import { drain, enqueued, FakeClock } from "../../src/testing/mod.ts";
import { type Lab, onEachStore, onMemory, untyped } from "../_helpers.ts";

const START = Date.UTC(2026, 0, 1);
const EACH = { task: "report", schedule: "10m" } as const;

function scheduled(lab: Lab): Lovage {
  const app = lab.app({ clock: new FakeClock(START) });
  app.task("report", (...args: unknown[]) => args);
  app.task("other", () => {});
  return app;
}

const minutes = (dates: readonly Date[]) =>
  dates.map((date) => (date.getTime() - START) / 60_000);

onEachStore("an entry reads back as it was written", async (lab) => {
  const app = scheduled(lab);
  const args = [new Date(3), new Map([[1, 2n]])];
  const added = await app.schedules.add("nightly", {
    task: "report",
    args,
    kwargs: { deep: new Set([1]) },
    options: { queue: "slow", priority: 2, expires: "1h" },
    schedule: crontab({ minute: 0, hour: 7 }),
    timezone: "Europe/Berlin",
    startAt: "2026-02-01T00:00:00Z",
    endAt: new Date("2026-03-01T00:00:00Z"),
    catchUp: "all",
    catchUpLimit: 7,
    overlap: "skip",
    description: "For the boss",
  });
  const { schedule, ...entry } = added;
  assertEquals(entry, {
    name: "nightly",
    task: "report",
    args,
    kwargs: { deep: new Set([1]) },
    options: { queue: "slow", priority: 2, expires: "3600000ms" },
    timezone: "Europe/Berlin",
    enabled: true,
    oneOff: false,
    startAt: new Date("2026-02-01T00:00:00Z"),
    endAt: new Date("2026-03-01T00:00:00Z"),
    catchUp: "all",
    catchUpLimit: 7,
    overlap: "skip",
    description: "For the boss",
    app: null,
    writer: app.name,
    nextRunAt: new Date("2026-02-01T06:00:00Z"),
    revision: 1,
    lastRunAt: null,
    lastTaskId: null,
    totalRuns: 0,
    skippedRuns: 0,
    missedRuns: 0,
  });
  assertEquals(schedule.describe(), "0 7 * * *");
  assertEquals((await app.schedules.get("nightly"))?.revision, 1);
  assertEquals(await app.schedules.get("daily"), null);
});

onEachStore("entries are listed by name, over pages", async (lab) => {
  const app = scheduled(lab);
  const names = Array.from(
    { length: 1_001 },
    (_, at) => `e${String(at).padStart(4, "0")}`,
  );
  await app.schedules.put(
    Object.fromEntries(names.toReversed().map((name) => [name, EACH])),
  );
  const listed: string[] = [];
  for await (const { name } of app.schedules.list()) listed.push(name);
  assertEquals(listed, names);
});

onMemory(
  "an entry that cannot be read does not hide the others",
  async (lab) => {
    const app = scheduled(lab);
    await app.schedules.put({ a: EACH, c: EACH });
    const store = await lab.store();
    await store.scheduler.put([{ name: "b", body: "{", dueAt: null }]);
    const bad: string[] = [];
    const all = app.schedules.list((name, { message }) =>
      bad.push(name, message)
    );
    assertEquals((await Array.fromAsync(all)).map(({ name }) => name), [
      "a",
      "c",
    ]);
    assertEquals(bad[0], "b");
    assertStringIncludes(bad[1]!, "lovage schedule remove");
    await assertRejects(
      () => Array.fromAsync(app.schedules.list()),
      ScheduleError,
    );
    await assertRejects(
      () => app.schedules.get("b"),
      ScheduleError,
      "not JSON",
    );
    assertEquals(await app.schedules.remove("b"), [true]);
  },
);

onMemory("options that beat decides about are refused", async (lab) => {
  const app = scheduled(lab);
  const never = {
    ...{ eta: new Date(), taskId: "mine", tx: {} },
    ...{ retry: false, retryPolicy: { maxRetries: 1 } },
  };
  for (const [name, value] of Object.entries(never)) {
    const options = untyped({ [name]: value });
    await assertRejects(
      () => app.schedules.add("a", { ...EACH, options }),
      ScheduleError,
      `has the option "${name}": beat decides`,
    );
  }
});

onMemory("a name is added once", async (lab) => {
  const app = scheduled(lab);
  await app.schedules.add("a", EACH);
  await assertRejects(
    () => app.schedules.add("a", { ...EACH, schedule: "1h" }),
    ScheduleError,
    'There is a schedule entry "a" already: choose another name, or change it with edit()',
  );
  assertEquals(
    (await app.schedules.get("a"))?.schedule.describe(),
    "every 10m",
  );
});

onMemory(
  "put writes new entries and those that are there, all or none",
  async (lab) => {
    const app = scheduled(lab);
    await app.schedules.add("a", EACH);
    await assertRejects(
      () =>
        app.schedules.put({
          a: { ...EACH, schedule: "1h" },
          b: { ...EACH, task: "no" },
        }),
      ScheduleError,
      'names the task "no"',
    );
    assertEquals(
      (await app.schedules.get("a"))?.schedule.describe(),
      "every 10m",
    );
    await app.schedules.put({ a: { ...EACH, schedule: "1h" }, b: EACH });
    assertEquals(
      (await app.schedules.get("a"))?.nextRunAt,
      new Date(START + 3_600_000),
    );
  },
);

onMemory("an edit keeps what is not given", async (lab) => {
  const app = scheduled(lab);
  await app.schedules.add("a", {
    ...EACH,
    args: [1],
    kwargs: { k: 1n },
    options: { queue: "slow", countdown: "5s" },
    overlap: "skip",
    timezone: "Asia/Tokyo",
  });
  const before = await app.schedules.get("a");
  const entry = await app.schedules.edit("a", {
    description: "new",
    overlap: undefined,
    timezone: undefined,
  });
  assertEquals({ ...entry, revision: 0, schedule: null }, {
    ...before,
    description: "new",
    revision: 0,
    schedule: null,
  });
});

onMemory(
  "an edit of the task by a signature replaces its arguments",
  async (lab) => {
    const app = scheduled(lab);
    await app.schedules.add("a", {
      ...EACH,
      args: [1],
      kwargs: { k: 1 },
      options: { queue: "slow" },
    });
    const task = app.signature("report", [2]).set({ priority: 1 });
    const entry = await app.schedules.edit("a", { task });
    assertEquals([entry.args, entry.kwargs, entry.options], [[2], {}, {
      priority: 1,
    }]);
  },
);

onMemory(
  "an edit of a task added by its signature keeps its arguments",
  async (lab) => {
    const app = scheduled(lab);
    const task = app.signature("report", [new Date(2)]).set({ queue: "slow" });
    await app.schedules.add("a", { task, schedule: "10m" });
    const entry = await app.schedules.edit("a", { schedule: "20m" });
    assertEquals([entry.args, entry.options], [[new Date(2)], {
      queue: "slow",
    }]);
  },
);

onMemory(
  "a new schedule brings its own time zone, if it has one",
  async (lab) => {
    const app = scheduled(lab);
    const noon = crontab({ minute: 0, hour: 12, timezone: "Asia/Tokyo" });
    await app.schedules.add("a", { ...EACH, schedule: noon });
    const plain = await app.schedules.edit("a", { schedule: "0 6 * * *" });
    assertEquals([plain.timezone, plain.nextRunAt], [
      "Asia/Tokyo",
      new Date("2026-01-01T21:00:00Z"),
    ]);
    const schedule = cron("0 6 * * *", { timezone: "Europe/Berlin" });
    const zoned = await app.schedules.edit("a", { schedule });
    assertEquals([zoned.timezone, zoned.nextRunAt], [
      "Europe/Berlin",
      new Date("2026-01-01T05:00:00Z"),
    ]);
    const both = await app.schedules.edit("a", { schedule, timezone: "UTC" });
    assertEquals(both.nextRunAt, new Date("2026-01-01T06:00:00Z"));
  },
);

onMemory(
  "an edit that leaves the times alone keeps what is due",
  async (lab) => {
    const clock = new FakeClock(START);
    const app = lab.app({ clock });
    app.task("report", () => {});
    await app.schedules.add("a", EACH);
    clock.advance(400_000);
    const entry = await app.schedules.edit("a", { description: "new" });
    assertEquals(entry.nextRunAt, new Date(START + 600_000));
    const again = await app.schedules.edit("a", { schedule: "10m", args: [1] });
    assertEquals(again.nextRunAt, new Date(START + 600_000));
    const other = await app.schedules.edit("a", { schedule: "11m" });
    assertEquals(other.nextRunAt, new Date(START + 400_000 + 660_000));
  },
);

onMemory("of two edits at the same time one is refused", async (lab) => {
  const app = scheduled(lab);
  await app.schedules.add("a", EACH);
  const edits = [1, 2].map((n) => app.schedules.edit("a", { args: [n] }));
  const ends = await Promise.allSettled(edits);
  assertEquals(ends.map(({ status }) => status), ["fulfilled", "rejected"]);
  const [, refused] = ends;
  assert(refused?.status === "rejected");
  assert(refused.reason instanceof ScheduleError);
  assertStringIncludes(refused.reason.message, "changed by somebody else");
  assertEquals((await app.schedules.get("a"))?.args, [1]);
});

onMemory("what was over can be switched off and removed", async (lab) => {
  const clock = new FakeClock(START);
  const app = lab.app({ clock });
  app.task("report", () => {});
  const schedule = clocked(new Date(START + 1_000));
  await app.schedules.add("a", { ...EACH, schedule });
  clock.advance(5_000);
  assertEquals((await app.schedules.disable("a")).enabled, false);
  await assertRejects(
    () => app.schedules.enable("a"),
    ScheduleError,
    "no time to come",
  );
  assertEquals(await app.schedules.remove("a"), [true]);
});

onMemory("an entry runs now, beside its schedule", async (lab) => {
  const app = scheduled(lab);
  await app.schedules.add("a", {
    ...EACH,
    args: ["x"],
    kwargs: { deep: true },
    enabled: false,
    options: { queue: "slow", headers: { tenant: 1 } },
  });
  const result = await app.schedules.runNow("a");
  const [task] = await enqueued(app);
  assertEquals([task?.id, task?.queue, task?.headers], [
    result.id,
    "slow",
    { tenant: 1, periodicTaskName: "a" },
  ]);
  await drain(app);
  assertEquals(await result.get(), ["x", { deep: true }]);
  const entry = await app.schedules.get("a");
  assertEquals([entry?.enabled, entry?.totalRuns], [false, 0]);
});

onMemory(
  "the next times of an entry are told, also while it is off",
  async (lab) => {
    const app = scheduled(lab);
    const { schedules } = app;
    await schedules.put({
      a: { ...EACH, enabled: false },
      once: { ...EACH, oneOff: true },
      ends: { ...EACH, endAt: new Date(START + 1_200_000) },
      starts: {
        ...EACH,
        schedule: every("1h", { aligned: true }),
        startAt: new Date(START + 5_400_000),
      },
    });
    assertEquals(minutes(await schedules.next("a")), [10]);
    assertEquals(minutes(await schedules.next("a", 3)), [10, 20, 30]);
    const later = new Date(START + 600_000);
    assertEquals(minutes(await schedules.next("a", 2, later)), [20, 30]);
    assertEquals(minutes(await schedules.next("a", 0)), []);
    assertEquals(minutes(await schedules.next("once", 3)), [10]);
    assertEquals(minutes(await schedules.next("ends", 3)), [10, 20]);
    assertEquals(minutes(await schedules.next("starts", 2)), [120, 180]);
  },
);

onMemory(
  "an entry that there is not is named, with the one that was meant",
  async (lab) => {
    const { schedules } = scheduled(lab);
    await assertRejects(
      () => schedules.enable("nightly"),
      ScheduleError,
      "There is none at all",
    );
    await schedules.add("nightly", EACH);
    for (
      const call of [
        () => schedules.edit("nightyl", {}),
        () => schedules.enable("nightyl"),
        () => schedules.disable("nightyl"),
        () => schedules.runNow("nightyl"),
        () => schedules.next("nightyl"),
      ]
    ) await assertRejects(call, ScheduleError, 'Did you mean "nightly"?');
    assertEquals(await schedules.remove("nightyl"), [false]);
  },
);

onMemory("what will not do is refused where it is written", async (lab) => {
  const { schedules } = scheduled(lab);
  const CASES: readonly (readonly [
    object,
    typeof ScheduleError | typeof ConfigError,
    string,
  ])[] = [
    [{ schedule: "1h" }, ScheduleError, "has no task"],
    [{ task: "report" }, ScheduleError, "has no schedule"],
    [{ ...EACH, task: "reprot" }, ScheduleError, 'Did you mean "report"?'],
    [
      { ...EACH, schedule: "soon" },
      ScheduleError,
      '"a": The schedule "soon"',
    ],
    [{ ...EACH, schedule: "61 * * * *" }, ScheduleError, '"a"'],
    [
      { ...EACH, timezone: "Berlin" },
      ScheduleError,
      'Did you mean "Europe/Berlin"?',
    ],
    [{ ...EACH, overlap: "wait" }, ConfigError, "overlap"],
    [{ ...EACH, catchup: "all" }, ConfigError, 'Did you mean "catchUp"?'],
    [{ ...EACH, catchUpLimit: 0 }, ConfigError, "catchUpLimit"],
    [{ ...EACH, startAt: "tomorrow" }, ConfigError, "startAt"],
    [
      { ...EACH, startAt: new Date(5), endAt: new Date(4) },
      ScheduleError,
      "before it starts",
    ],
    [{ ...EACH, endAt: new Date(5) }, ScheduleError, "has no time to come"],
    [
      { ...EACH, schedule: clocked(new Date(5)) },
      ScheduleError,
      "has no time to come",
    ],
    [
      { ...EACH, options: { queu: "a" } },
      ConfigError,
      'Did you mean "queue"?',
    ],
    [
      { ...EACH, options: { taskId: "a" } },
      ScheduleError,
      'the option "taskId"',
    ],
    [
      { ...EACH, options: { eta: new Date(5) } },
      ScheduleError,
      'the option "eta"',
    ],
    [{ ...EACH, args: "x" }, ConfigError, "an array of arguments"],
    [{ ...EACH, args: [() => {}] }, EncodeError as never, "args[0]"],
  ];
  for (const [input, kind, message] of CASES) {
    await assertRejects(
      () => schedules.add("a", untyped(input)),
      kind,
      message,
    );
  }
  for (const name of ["", "x".repeat(201), "a\nb"]) {
    await assertRejects(
      () => schedules.add(name, EACH),
      ScheduleError,
      "needs a name",
    );
  }
  assertEquals(await Array.fromAsync(schedules.list()), []);
});

onMemory("who leads is told", async (lab) => {
  const app = scheduled(lab);
  assertEquals(await app.schedules.leader(), null);
  const beat = await app.beat({ hostname: "beat@here" });
  // It takes the lead on its own.
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(await app.schedules.leader(), "beat@here");
  await beat.stop();
  assertEquals(await app.schedules.leader(), null);
});

onMemory("a beat refuses what will not do", async (lab) => {
  const app = scheduled(lab);
  await assertRejects(
    () => app.beat(untyped({ hostnam: "a" })),
    ConfigError,
    'Did you mean "hostname"?',
  );
  await assertRejects(
    () => app.beat({ maxInterval: "1ms" }),
    ConfigError,
    "10 ms",
  );
});
