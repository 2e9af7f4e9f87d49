/** What becomes of a time while the task of the one before is not over. */

import { assertEquals } from "@std/assert";
import { drain } from "../../src/testing/mod.ts";
import { reserve } from "../_helpers.ts";
import { beatTest } from "./fixtures/beat_lab.ts";

const EACH = { task: "report", schedule: "10s" } as const;
const seconds = (ticks: readonly string[]) =>
  ticks.map((tick) => tick.slice(17, -1));

beatTest('"allow" sends beside what waits', async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", EACH);
  await lab.beat(app);
  await lab.pass(20_000);
  assertEquals(seconds(await lab.ticks()), ["10", "20"]);
});

beatTest('"skip" leaves times out until what waits has run', async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", { ...EACH, overlap: "skip" });
  const beat = await lab.beat(app);
  await lab.pass(30_000);
  assertEquals(seconds(await lab.ticks()), ["10"]);
  assertEquals(beat.totals, { sent: 1, leftOut: 2 });
  assertEquals(await drain(app), { SUCCESS: 1 });
  await lab.pass(10_000);
  assertEquals(seconds(await lab.ticks()), ["40"]);
  assertEquals((await app.schedules.get("a"))?.skippedRuns, 2);
});

beatTest('"skip" waits for what runs', async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", { ...EACH, overlap: "skip" });
  await lab.beat(app);
  await lab.pass(10_000);
  assertEquals((await reserve(lab.store, "worker")).length, 1);
  await lab.pass(10_000);
  assertEquals(await lab.ticks(), []);
});

beatTest('"skip" waits for what is to be retried', async (lab) => {
  const app = lab.app();
  app.task("again", { bind: true, maxRetries: 1 }, (self) => {
    throw self.retry({ countdown: 25 });
  });
  await app.schedules.add("a", { ...EACH, task: "again", overlap: "skip" });
  await lab.beat(app);
  await lab.pass(10_000);
  assertEquals(await drain(app), { RETRY: 1 });
  await lab.pass(10_000);
  assertEquals(seconds(await lab.ticks()), ["10"]);
});

beatTest('"replace" revokes what waits, and sends the next', async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", { ...EACH, overlap: "replace" });
  await lab.beat(app);
  await lab.pass(30_000);
  assertEquals(seconds(await lab.ticks()), ["30"]);
  const replaced = app.AsyncResult("a@2026-01-01T00:00:10Z");
  assertEquals(await replaced.state(), "REVOKED");
});

beatTest('"replace" ends what runs by force', async (lab) => {
  const app = lab.app();
  await app.schedules.add("a", { ...EACH, overlap: "replace" });
  await lab.beat(app);
  await lab.pass(10_000);
  await reserve(lab.store, "worker");
  await lab.pass(10_000);
  const [running, next] = await lab.store.inspector.find([
    "a@2026-01-01T00:00:10Z",
    "a@2026-01-01T00:00:20Z",
  ]);
  assertEquals([running?.cancelled, next?.status], [true, "queued"]);
});

beatTest("what has no overlap to heed does not ask the store", async (lab) => {
  const { faultyStore } = await import("../_helpers.ts");
  const { store, faults } = faultyStore(lab.store);
  const app = lab.app({ store });
  await app.schedules.add("a", EACH);
  await lab.beat(app);
  await lab.pass(30_000);
  assertEquals(faults.count("inspector.find"), 0);
});
