import { assert, assertEquals, assertMatch } from "@std/assert";
import { type CheckReport, type Finding, Lovage } from "@lovage/lovage";
import type { Store } from "../../src/contracts/mod.ts";
import { findAll } from "../../src/control/check/check.ts";
import type {
  AppContext,
  CheckContext,
  RunningContext,
} from "../../src/control/check/context.ts";
import { describeApp } from "../../src/control/check/describe_app.ts";
import { internalsOf } from "../../src/internals.ts";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { serverTest, withServer } from "../adapters/fixtures/redis_server.ts";
import { postgresSuite } from "../adapters/fixtures/postgres_suite.ts";
import { everyStore } from "./_stores.ts";

const onEach = everyStore();

async function storeOf(app: Lovage): Promise<Store> {
  return (await internalsOf(app).stores.open()).broker;
}

/** What a check has found, its details and cures below each other. */
function found(report: CheckReport, check: string): string {
  return report.findings.filter((each) => each.check === check)
    .map(({ level, detail, cure }) => `${level}: ${detail} -> ${cure}`)
    .join("\n");
}

const WELL: RunningContext = {
  stores: [{
    address: "redis://cache",
    durable: true,
    shared: true,
    limitsAcrossQueues: true,
    warnings: [],
  }],
  queues: [],
  workers: [{
    id: "w",
    name: "w@one",
    alive: true,
    silent: 0,
    lease: 15_000,
    queues: ["default"],
    slots: 4,
    isScaled: false,
    held: 0,
    pool: "isolate",
    version: "1.0.0",
  }],
  oldest: {},
  letters: { count: 0, more: false, reasons: {} },
  schedule: { leader: null, stored: [], more: false, overdue: [] },
  clocks: [{ whose: "the store", ahead: 0 }],
  silent: [],
  lease: 15_000,
  version: "1.0.0",
};

function look(
  running: Partial<RunningContext>,
  app: AppContext | null = null,
): CheckReport {
  const context: CheckContext = { app, running: { ...WELL, ...running } };
  const report = findAll(context);
  for (const { level, check, cure } of report.findings) {
    // What is wrong has its cure, and only that.
    assertEquals(cure !== "", level !== "ok", check);
  }
  return report;
}

/** What an app is to the checks. */
function describe(config: object, define: (app: Lovage) => void = () => {}) {
  const app = new Lovage("shop", { brokerUrl: "memory://", ...config });
  define(app);
  return describeApp(internalsOf(app));
}

Deno.test("where all is well, every check says so", async () => {
  const app = await describe({ taskTimeLimit: "60s" }, (app) => {
    app.task("a", { autoretryFor: [Error], retryBackoff: true }, () => 1);
  });
  const report = look({}, app);
  assertEquals(
    report.findings.filter(({ level }) => level !== "ok"),
    [],
  );
  assert(report.ok);
  const checks: readonly Finding["check"][] = report.findings.map((each) =>
    each.check
  );
  assertEquals(checks, [
    "eager",
    "resultExpires",
    "serializer",
    "timeLimits",
    "retries",
    "store",
    "workers",
    "queues",
    "deadLetters",
    "beat",
    "clocks",
    "versions",
  ]);
});

Deno.test("settings and tasks that will not do", async () => {
  const app = await describe({
    taskAlwaysEager: true,
    resultExpires: null,
    beatSchedule: { nightly: { task: "nobody", schedule: "1h" } },
  }, (app) => {
    app.task("steady", { autoretryFor: [Error] }, () => 1);
    app.task("endless", { maxRetries: null, timeLimit: 5 }, () => 1);
    app.task("elsewhere", { queue: "other", timeLimit: 5 }, () => 1);
  });
  const report = look({
    workers: WELL.workers.map((each) => ({ ...each, pool: "async" })),
  }, app);
  assertEquals(report.ok, false);
  assertMatch(found(report, "eager"), /^problem: .*no worker gets any/);
  assertMatch(found(report, "resultExpires"), /^warning: .* for ever/);
  assertMatch(
    found(report, "timeLimits"),
    /^warning: 1 task has no hard time limit, .*: steady -> .*\nwarning: .*busy loop in the async pool of w@one/,
  );
  assertMatch(
    found(report, "retries"),
    /^warning: 1 task is retried at a steady pace.*: steady .*\nwarning: 1 task is retried without end.*: endless/,
  );
  assertMatch(
    found(report, "queues"),
    /^warning: The app names a queue that no live worker serves: other -> lovage worker --queues other$/,
  );
  assertMatch(found(report, "beat"), /^problem: .*cannot be read/);
});

Deno.test("stores, workers, clocks and versions that will not do", () => {
  const [worker] = WELL.workers;
  assert(worker !== undefined);
  const report = look({
    stores: [
      {
        address: "memory://",
        durable: false,
        shared: false,
        limitsAcrossQueues: true,
        warnings: [],
      },
      {
        address: "r",
        durable: true,
        shared: true,
        limitsAcrossQueues: true,
        warnings: ["It may lose tasks: set it", "It is shared: part them"],
      },
    ],
    workers: [
      { ...worker, version: "0.9.0" },
      { ...worker, name: "w@two", alive: false, silent: 60_000, held: 2 },
    ],
    silent: ["w@one"],
    clocks: [
      { whose: "the store", ahead: -2_000 },
      { whose: "worker w@one", ahead: 9_000 },
    ],
  });
  assertEquals(report.ok, false);
  assertEquals(found(report, "eager"), "");
  assertMatch(
    found(report, "store"),
    /^problem: memory:\/\/ lives in one process.*\nproblem: It may lose tasks -> Set it\nwarning: It is shared -> Part them$/,
  );
  assertMatch(
    found(report, "workers"),
    /^warning: Worker w@two was not heard of for 1m, .*it holds 2 tasks .*\nwarning: w@one did not answer/,
  );
  assertMatch(
    found(report, "clocks"),
    /^warning: The clock of the store is 2s behind this .*\nproblem: The clock of worker w@one is 9s ahead of .*half a lease/,
  );
  assertMatch(found(report, "versions"), /^warning: .*w@one runs 0\.9\.0/);
  assertMatch(
    found(look({ workers: [] }), "workers"),
    /^problem: No worker is alive -> lovage worker$/,
  );
});

Deno.test("a beat that is late, and entries that it does not have", async () => {
  const app = await describe({}, (app) => {
    const a = app.task("a", () => 1);
    app.addPeriodicTask("1h", a.s());
  });
  const schedule = {
    leader: "beat@one",
    stored: ["b"],
    more: false,
    overdue: [{ name: "b", late: 120_000 }],
  };
  assertMatch(
    found(look({ schedule }, app), "beat"),
    /^warning: 1 schedule entry was due up to 2m ago and not sent, though beat@one leads: b .*\nwarning: 1 schedule entry of the app's code is not in the store: a /,
  );
});

onEach("queues, dead letters and a missing beat are found", async (place) => {
  const clock = new FakeClock();
  const app = place.app({ clock });
  app.task("b", () => 1);
  await app.sendTask("nobody.knows");
  await app.sendTask("nor.this");
  await drain(app, { withScheduled: true });
  await app.schedules.add("nightly", { task: "b", schedule: "1h" });
  const nobody = await app.check();
  assertEquals(nobody.ok, false);
  assertMatch(
    found(nobody, "deadLetters"),
    /^warning: There .* 2 dead letters: 2 NotRegisteredError/,
  );
  assertMatch(
    found(nobody, "beat"),
    /^problem: There is 1 schedule entry, but no beat runs/,
  );

  const store = await storeOf(app);
  await app.sendTask("b");
  await app.sendTask("b", [], { queue: "biling" });
  await store.broker.pause(["paused"], true);
  clock.advance(600_000);
  await using _worker = await app.worker({
    pool: "async",
    hostname: "w@one",
    queues: ["billing"],
  });
  await using _beat = await app.beat();
  const report = await app.check();
  assertMatch(
    found(report, "queues"),
    /^problem: No live worker serves queue "biling", in which 1 task waits; was "billing" meant\? -> lovage worker --queues biling$/m,
  );
  assertMatch(
    found(report, "queues"),
    /^problem: No live worker serves queue "default", in which 1 task waits/m,
  );
  assertMatch(
    found(report, "queues"),
    /^warning: Queue "paused" is paused, .* -> lovage control resume paused$/m,
  );
  assertMatch(found(report, "versions"), /^ok: All workers run Lovage /);
  assertMatch(found(report, "clocks"), /^ok: /);
  assertMatch(found(report, "workers"), /^ok: 1 worker is alive/);
});

onEach("a backlog is found by the age of its oldest task", async (place) => {
  const clock = new FakeClock();
  const app = place.app({ clock });
  await app.sendTask("a");
  clock.advance(600_000);
  await (await storeOf(app)).broker.heartbeat({
    id: "w",
    name: "w",
    lease: 15_000,
    details: { queues: ["default"] },
  });
  const checking = app.check();
  // The worker never says what time it has.
  while (clock.pending === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  clock.advance(1_000);
  const report = await checking;
  assertMatch(
    found(report, "queues"),
    /^warning: Queue "default" has a backlog of 1 task: one has been ready for 10m/,
  );
  assertMatch(found(report, "workers"), /^warning: w did not answer within/);
  assertMatch(found(report, "versions"), /w runs a version that does not say/);
});

serverTest(
  "Redis without persistence, and with keys of others",
  () =>
    withServer(async (server, open) => {
      const bare = await open();
      assertEquals(bare.warnings.length, 1);
      assertMatch(bare.warnings[0] ?? "", /may lose tasks .* set `appendonly`/);
      await bare.broker.publish([{
        id: "a",
        task: "a",
        queue: "default",
        priority: 4,
        eta: null,
        body: "",
      }]);
      assertEquals((await open()).warnings.length, 1);
      await server.cli("set", "session:1", "x");
      const [, shared] = (await open()).warnings;
      assertMatch(shared ?? "", /shares its database with others/);
      await server.cli("config", "set", "maxmemory-policy", "allkeys-lru");
      const [evicts] = (await open()).warnings;
      assertMatch(evicts ?? "", /may drop tasks .*: set `?maxmemory-policy/);
      await server.cli("config", "set", "maxmemory-policy", "noeviction");
      await server.cli("config", "set", "save", "60 1");
      assertEquals((await open()).warnings.length, 1);
      await server.cli("acl", "setuser", "poor", "on", "nopass", "~*", "&*");
      await server.cli(
        ...["acl", "setuser", "poor", "+@all", "-config", "-info", "-scan"],
      );
      const url = server.url.replace("//", "//poor:x@");
      const [silent, ...others] = (await open({ url })).warnings;
      assertMatch(silent ?? "", /may not run INFO: grant it \+info/);
      assertEquals(others, []);
    }),
);

postgresSuite("autovacuum = off")(
  "settings that are a danger",
  async ({ open }) => {
    const { warnings } = await open();
    assertEquals(warnings.length, 2);
    assertMatch(warnings[0] ?? "", /may lose tasks, .*: set fsync to on$/);
    assertMatch(warnings[1] ?? "", /slower .*: set autovacuum to on$/);
  },
);
