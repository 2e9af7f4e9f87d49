import { assert, assertEquals, assertRejects } from "@std/assert";
import { NotRegisteredError } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { nextEvent, onEachStore, onMemory, PATIENCE } from "../_helpers.ts";

onEachStore(
  "a task that one worker does not know is run by another that does",
  async (lab) => {
    const old = lab.app({}, "old");
    const unknown = nextEvent(old, "taskUnknown");
    const worker = await lab.worker(old, { hostname: "old" });
    const result = await old.sendTask("new.task", [20]);
    const { taskId, task, queue } = await unknown;
    assertEquals([taskId, task, queue], [result.id, "new.task", "default"]);
    await worker.stop();
    const fresh = lab.app({}, "new");
    fresh.task("new.task", (n: number) => n + 1);
    await lab.worker(fresh, { hostname: "new" });
    assertEquals(await result.get({ timeout: PATIENCE }), 21);
  },
);

onEachStore(
  "a task that nobody knows becomes a dead letter after a while",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock, taskUnknownTimeout: "60s" });
    let offers = 0;
    app.on("taskUnknown", () => offers++);
    const failure = nextEvent(app, "taskFailure");
    const result = await app.sendTask("nobody.knows", [1]);
    assertEquals(await drain(app, { withScheduled: true }), { FAILURE: 1 });
    assertEquals(clock.now(), 60_000);
    assert(offers > 3 && offers < 30, `${offers} offers`);
    assert((await failure).error instanceof NotRegisteredError);
    await assertRejects(
      () => result.get(),
      NotRegisteredError,
      'knew task "nobody.knows"',
    );
    const store = await lab.store(clock);
    const { items } = await store.deadLetters.list({ limit: 9 });
    assertEquals(items.map(({ id, reason }) => [id, reason]), [
      [result.id, "NotRegisteredError"],
    ]);

    // Redriven too soon, it is offered for as long again.
    clock.advance(60_000);
    await store.deadLetters.redrive(null);
    assertEquals(await drain(app, { withScheduled: true }), { FAILURE: 1 });
    assertEquals(clock.now(), 180_000);

    // Deployed at last, it is redriven and runs.
    app.task("nobody.knows", (n: number) => n + 1);
    await store.deadLetters.redrive(null);
    assertEquals(await drain(app), { SUCCESS: 1 });
    assertEquals(await result.get(), 2);
  },
);

onMemory(
  "offering an unknown task counts neither losses nor retries",
  async (lab) => {
    const clock = new FakeClock(0);
    const app = lab.app({ clock });
    const result = await app.sendTask("late");
    await drain(app);
    app.task("late", { bind: true }, (self) => [
      self.request.retries,
      self.request.deliveryInfo.losses,
    ]);
    await drain(app, { withScheduled: true });
    assertEquals(await result.get(), [0, 0]);
  },
);
