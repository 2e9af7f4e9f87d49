/** Changes are taken over at once, while beat runs. */

import { assert, assertEquals } from "@std/assert";
import { every, type Lovage } from "@lovage/lovage";
import type { Store } from "../../src/contracts/mod.ts";
import { faultyStore } from "../_helpers.ts";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";
import { heldStore } from "./fixtures/held_store.ts";

const TEN = every("10s", { aligned: true });
const SIX = every("6s", { aligned: true });

/** An app whose beat is away from its store, and one that changes things. */
async function twoApps(lab: BeatLab): Promise<Lovage> {
  await lab.beat(lab.app({ beatLease: "1d" }));
  await lab.pass(1_000);
  return lab.app();
}

const seconds = async (lab: BeatLab, entry?: string) =>
  (await lab.ticks(entry)).map((tick) => tick.slice(17, -1));

beatTest("an entry that is added is sent", async (lab) => {
  const app = await twoApps(lab);
  await app.schedules.add("a", { task: "report", schedule: TEN });
  await lab.pass(20_000);
  assertEquals(await seconds(lab), ["10", "20"]);
});

beatTest("an entry that is removed is not sent any more", async (lab) => {
  const app = await twoApps(lab);
  await app.schedules.add("a", { task: "report", schedule: TEN });
  await lab.pass(10_000);
  assertEquals(await app.schedules.remove("a", "b"), [true, false]);
  await lab.pass(20_000);
  assertEquals(await seconds(lab), ["10"]);
});

beatTest(
  "an entry that is switched off and on again is sent so",
  async (lab) => {
    const app = await twoApps(lab);
    await app.schedules.add("a", { task: "report", schedule: TEN });
    await lab.pass(10_000);
    assertEquals((await app.schedules.disable("a")).nextRunAt, null);
    await lab.pass(20_000);
    await app.schedules.enable("a");
    await lab.pass(10_000);
    assertEquals(await seconds(lab), ["10", "40"]);
  },
);

beatTest(
  "a schedule that is changed is kept, and what is sent too",
  async (lab) => {
    const app = await twoApps(lab);
    await app.schedules.add("a", { task: "report", schedule: TEN });
    await lab.pass(10_000);
    await app.schedules.edit("a", { schedule: SIX, args: ["new"] });
    await lab.pass(10_000);
    const sent = await lab.sent();
    assertEquals(await seconds(lab), ["10", "12", "18"]);
    assertEquals(sent.map(({ envelope }) => envelope.args), [[], ["new"], [
      "new",
    ]]);
  },
);

beatTest(
  "what changes while beat reads another change is not overlooked",
  async (lab) => {
    const { store, hold } = heldStore(lab.store);
    const app = lab.app({ store, beatLease: "1d" });
    await lab.beat(app);
    const other = lab.app();
    const reading = hold("scheduler.fetch");
    await other.schedules.add("a", { task: "report", schedule: "1h" });
    await reading.reached;
    await other.schedules.add("b", { task: "report", schedule: SIX });
    await lab.pass(0);
    reading.release();
    await lab.pass(6_000);
    assertEquals(await seconds(lab, "b"), ["06"]);
  },
);

beatTest("what changes while beat sends is not overlooked", async (lab) => {
  const { store, hold } = heldStore(lab.store);
  const app = lab.app({ store, beatLease: "1d" });
  const other = lab.app();
  await other.schedules.add("a", { task: "report", schedule: TEN });
  await lab.beat(app);
  const firing = hold("scheduler.fire");
  await lab.pass(10_000);
  await firing.reached;
  await other.schedules.add("b", { task: "report", schedule: SIX });
  await lab.pass(0);
  firing.release();
  await lab.pass(10_000);
  assertEquals(await seconds(lab, "b"), ["12", "18"]);
});

beatTest("a changed entry is not sent by what was read before", async (lab) => {
  const { store, hold } = heldStore(lab.store);
  const app = lab.app({ store });
  const other = lab.app();
  await other.schedules.add("a", {
    task: "report",
    schedule: TEN,
    args: ["old"],
  });
  await other.schedules.add("b", { task: "report", schedule: TEN });
  await other.schedules.add("c", { task: "report", schedule: TEN });
  const beat = await lab.beat(app);
  const firing = hold("scheduler.fire");
  await lab.pass(10_000);
  await firing.reached;
  await other.schedules.edit("a", { args: ["new"] });
  await other.schedules.remove("b");
  firing.release();
  await lab.pass(0);
  const sent = await lab.sent();
  assertEquals(
    sent.map(({ id, envelope }) => [id, envelope.args]).sort(),
    [
      ["a@2026-01-01T00:00:10Z", ["new"]],
      ["c@2026-01-01T00:00:10Z", []],
    ],
  );
  assertEquals(beat.totals, { sent: 2, leftOut: 0 });
});

for (const oneOff of [false, true]) {
  const what = oneOff ? "a one-off" : "an entry";
  beatTest(
    `an edit of ${what} that races with its firing does not send its time again`,
    async (lab) => {
      const { store, hold } = heldStore(lab.store);
      const editor = lab.app({ store });
      await editor.schedules.add("a", {
        task: "report",
        schedule: TEN,
        oneOff,
      });
      await lab.beat(lab.app());
      const put = hold("scheduler.put");
      const edited = editor.schedules.edit("a", { description: "edited" });
      await put.reached;
      await lab.pass(10_000);
      // What was sent has ended: its id would be taken for a new task.
      assertEquals(await take(lab.store), 1);
      put.release();
      await edited;
      await lab.pass(5_000);
      assertEquals(await lab.ticks(), []);
      await lab.pass(10_000);
      assertEquals(await seconds(lab), oneOff ? [] : ["20"]);
      const entry = await editor.schedules.get("a");
      assertEquals(
        [entry?.totalRuns, entry?.skippedRuns, entry?.missedRuns],
        [oneOff ? 1 : 2, 0, 0],
      );
    },
  );
}

/** Takes what waits out of the store, as if it had run. */
async function take(store: Store): Promise<number> {
  const { items } = await store.inspector.tasks({ status: "queued" }, {
    limit: 100,
  });
  await store.broker.cancel(items.map(({ id }) => ({
    id,
    terminate: false,
    result: undefined,
    rememberUntil: 0,
    keep: false,
  })));
  return items.length;
}

beatTest(
  "changes are taken over although the bus loses every message",
  async (lab) => {
    const { store, faults } = faultyStore(lab.store);
    const deaf: Store = {
      ...store,
      bus: {
        broadcast: () => Promise.resolve(),
        subscribe: () => Promise.resolve(() => {}),
      },
    };
    const app = lab.app({ store: deaf });
    await lab.beat(app);
    await lab.pass(1_000);
    await app.schedules.add("a", { task: "report", schedule: "* * * * * *" });
    await lab.pass(5_000);
    const [first] = await seconds(lab);
    assert(first !== undefined && Number(first) <= 6, `first at ${first}`);
    const read = faults.count("scheduler.list");
    await app.schedules.disable("a");
    await lab.pass(5_000);
    const sent = (await lab.sent()).length;
    await lab.pass(20_000);
    assertEquals((await lab.sent()).length, sent);
    assertEquals(faults.count("scheduler.list"), read + 1);
  },
);

beatTest("many changes at once are all taken over", async (lab) => {
  const app = await twoApps(lab);
  const names = Array.from({ length: 120 }, (_, at) => `e${at}`);
  await app.schedules.put(Object.fromEntries(
    names.map((name) => [name, { task: "report", schedule: TEN }]),
  ));
  await lab.pass(10_000);
  assertEquals((await lab.sent()).length, 120);
  await Promise.all(names.map((name) => app.schedules.disable(name)));
  await lab.pass(20_000);
  assertEquals((await lab.sent()).length, 120);
});
