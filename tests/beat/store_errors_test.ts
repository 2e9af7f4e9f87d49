/** The store fails in the middle: nothing is lost, nothing is doubled. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "@lovage/lovage";
import type { Store } from "../../src/contracts/mod.ts";
import type { BeatSchedule } from "../../src/schedules/entry.ts";
import { faultyStore } from "../_helpers.ts";
import { turn } from "../../src/service/yield.ts";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";
import { heldStore } from "./fixtures/held_store.ts";
import type { LogBook } from "./fixtures/log_book.ts";

const EACH = {
  task: "report",
  schedule: "* * * * * *",
  catchUp: "all",
} as const;
const CALLS = [
  "scheduler.lead",
  "scheduler.list",
  "scheduler.fetch",
  "scheduler.fire",
  "inspector.find",
] as const;

/** The times of both entries in the first so many seconds. */
function seconds(count: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `2026-01-01T00:00:${String(at + 1).padStart(2, "0")}Z`,
  );
}

/** So many entries that are not due. */
function others(count: number): BeatSchedule {
  return Object.fromEntries(
    Array.from(
      { length: count },
      (_, at) => [`other${at}`, { task: "report", schedule: "1d" }],
    ),
  );
}

/** What was complained about, apart from the overlaps of b. */
function complaints(log: LogBook): string[] {
  return log.complaints.filter((line) => !line.startsWith("b was left out"));
}

async function started(lab: BeatLab, store: Store) {
  const app = lab.app({ store });
  await lab.app().schedules.put({ a: EACH, b: { ...EACH, overlap: "skip" } });
  return { app, beat: await lab.beat(app) };
}

for (const call of CALLS) {
  beatTest(`nothing is lost or doubled when ${call} fails`, async (lab) => {
    await using log = await lab.log();
    const { store, faults } = faultyStore(lab.store);
    const { beat } = await started(lab, store);
    await lab.pass(3_000);
    faults.down(call);
    const before = faults.count(call);
    // Each of them is called: what is changed is read, one by one or all.
    await lab.app().schedules.put(others(call === "scheduler.list" ? 60 : 1));
    await lab.pass(7_500);
    assert(faults.count(call) > before, "it was called");
    assertEquals(complaints(log), [
      "The store is down. Trying again every second",
    ]);
    faults.up();
    await lab.pass(5_000);
    assertEquals(await lab.ticks("a"), seconds(15));
    assertEquals((await lab.ticks("b")).length, 1);
    const back = log.lines("info").filter((line) => line.includes("is back"));
    assertEquals([back.length, complaints(log).length], [1, 1]);
    await beat.stop();
  });
}

beatTest(
  "an answer that was lost does not double what was sent",
  async (lab) => {
    let losses = 2;
    const { scheduler } = lab.store;
    const store = withScheduler(lab.store, {
      fire: async (batch) => {
        const answer = await scheduler.fire(batch);
        if (losses-- > 0) {
          throw new StoreError("The answer was lost", { inDoubt: true });
        }
        return answer;
      },
    });
    const { app, beat } = await started(lab, store);
    await lab.pass(5_000);
    assertEquals(await lab.ticks("a"), seconds(5));
    assertEquals((await app.schedules.get("a"))?.totalRuns, 5);
    await beat.stop();
  },
);

beatTest(
  "a store that refuses for good is complained about once, and asked again",
  async (lab) => {
    await using log = await lab.log();
    const { store, faults } = faultyStore(lab.store);
    const { beat } = await started(lab, store);
    faults.fail(
      "scheduler.fire",
      3,
      () => new StoreError("Permission denied", { transient: false }),
    );
    await lab.pass(10_000);
    assertEquals(await lab.ticks("a"), seconds(10));
    assertEquals(
      log.complaints.filter((line) => !line.includes("b was left out")),
      ["Permission denied. Trying again every second"],
    );
    await beat.stop();
  },
);

beatTest(
  "of many that are due at once those that were sent are not sent again",
  async (lab) => {
    const { scheduler } = lab.store;
    let calls = 0;
    const store = withScheduler(lab.store, {
      fire: (batch) =>
        ++calls === 2
          ? Promise.reject(new StoreError("Away"))
          : scheduler.fire(batch),
    });
    const app = lab.app({ store });
    await app.schedules.put(Object.fromEntries(
      Array.from(
        { length: 1_200 },
        (_, at) => [`e${at}`, { task: "report", schedule: "10s" }] as const,
      ),
    ));
    const beat = await lab.beat(app);
    await lab.pass(15_000);
    // Reading so many takes turns of the event loop, not of the clock.
    const isSent = async () => (await lab.sent()).length >= 1_200;
    for (let left = 200; left > 0 && !await isSent(); left--) {
      await lab.pass(20);
      await turn();
    }
    assertEquals((await lab.sent()).length, 1_200);
    const runs = new Set<number>();
    for await (const { totalRuns } of app.schedules.list()) {
      runs.add(totalRuns);
    }
    assertEquals([...runs], [1]);
    assertEquals(beat.totals.sent, 1_200);
    await beat.stop();
  },
);

beatTest(
  "a beat that is stopped while it sends has sent when it is stopped",
  async (lab) => {
    const { store, hold } = heldStore(lab.store);
    const { app, beat } = await started(lab, store);
    const firing = hold("scheduler.fire");
    await lab.pass(1_000);
    await firing.reached;
    let isStopped = false;
    const stopped = beat.stop().then(() => isStopped = true);
    await lab.pass(5_000);
    assertEquals(isStopped, false);
    firing.release();
    await stopped;
    assertEquals(await lab.ticks("a"), seconds(1));
    assertEquals((await app.schedules.get("a"))?.totalRuns, 1);
  },
);

beatTest("a beat stops although the store is away", async (lab) => {
  const { store, faults } = faultyStore(lab.store);
  const { app } = await started(lab, store);
  faults.down("scheduler.resign");
  await app.close();
  assertEquals((await lab.store.scheduler.leader()).name, "beat");
});

beatTest("a beat that cannot start listens to nothing", async (lab) => {
  let listening = 0;
  const { bus } = lab.store;
  const store = withScheduler(lab.store, {
    list: () => Promise.reject(new StoreError("Away", { transient: false })),
  });
  const app = lab.app({
    store: {
      ...store,
      bus: {
        broadcast: (topic, payload) => bus.broadcast(topic, payload),
        subscribe: async (topic, listener) => {
          const end = await bus.subscribe(topic, listener);
          listening++;
          return () => {
            listening--;
            end();
          };
        },
      },
    },
  });
  await assertRejects(() => app.beat(), StoreError, "Away");
  assertEquals(listening, 0);
});

/** A store of which some calls of the scheduler are others. */
function withScheduler(
  store: Store,
  changes: Partial<Store["scheduler"]>,
): Store {
  const scheduler = new Proxy(store.scheduler, {
    get(target, key) {
      const member = Reflect.get(changes, key) ?? Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const { scheme, address, capabilities, broker, results } = store;
  const { bus, inspector, deadLetters, history } = store;
  const { warnings, migrations } = store;
  return {
    ...{ scheme, address, capabilities, broker, results, scheduler },
    ...{ bus, inspector, deadLetters, history, warnings, migrations },
    open: () => store.open(),
    close: () => store.close(),
  };
}
