import { assert, assertEquals, assertRejects } from "@std/assert";
import { LovageError } from "@lovage/lovage";
import { drain } from "../../src/testing/mod.ts";
import { onEachStore, onMemory } from "../_helpers.ts";

onEachStore("ignoreResult stores neither results nor errors", async (lab) => {
  const app = lab.app();
  const task = app.task("task", { ignoreResult: true }, (good: boolean) => {
    if (!good) throw new Error("bad");
  });
  const results = [await task.delay(true), await task.delay(false)];
  assertEquals(await drain(app), { SUCCESS: 1, FAILURE: 1 });
  for (const result of results) {
    assertEquals(await result.state(), "PENDING");
    assertEquals(await result.ready(), false);
  }
  assertEquals(await app.results.countByState(), {});
});

onMemory("storeErrorsEvenIfIgnored stores the errors alone", async (lab) => {
  const app = lab.app();
  const task = app.task(
    "task",
    { ignoreResult: true, storeErrorsEvenIfIgnored: true },
    (good: boolean) => {
      if (!good) throw new RangeError("bad");
    },
  );
  const good = await task.delay(true);
  const bad = await task.delay(false);
  await drain(app);
  assertEquals(await good.state(), "PENDING");
  // Nobody may wait for it, since it may succeed; looking is another matter.
  await assertRejects(() => bad.get(), LovageError, "is ignored");
  assert(await bad.info() instanceof RangeError);
});

onMemory(
  "the call decides whether the result is ignored, either way",
  async (lab) => {
    const app = lab.app({ taskIgnoreResult: true });
    const task = app.task("task", () => 1);
    const kept = app.task("kept", { ignoreResult: false }, () => 2);
    const asked = await task.applyAsync([], { ignoreResult: false });
    const silent = await task.delay();
    const own = await kept.delay();
    const refused = await kept.applyAsync([], { ignoreResult: true });
    await drain(app);
    assertEquals(await asked.get(), 1);
    assertEquals(await silent.state(), "PENDING");
    assertEquals(await own.get(), 2);
    assertEquals(await refused.state(), "PENDING");
  },
);

onMemory(
  "a task whose result is ignored still calls what it is linked to",
  async (lab) => {
    const app = lab.app();
    const next = app.task("next", (n: number) => n + 1);
    const task = app.task("task", { ignoreResult: true }, () => 41);
    await task.applyAsync([], { link: next.s().set({ taskId: "next" }) });
    await drain(app);
    assertEquals(await app.AsyncResult("next").get(), 42);
  },
);
