import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, type Lovage, TimeLimitExceeded } from "@lovage/lovage";
import { internalsOf } from "../../src/internals.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import type { ReserveRequest } from "../../src/contracts/mod.ts";
import { faultyStore, Latch, onMemory, soon, until } from "../_helpers.ts";
import { everyStore, Held } from "./_stores.ts";

const onEvery = everyStore();
const ask = { timeout: "10s" } as const;
const DONE = { errors: {}, missing: [], silent: [] };

/** What the store says of the worker. */
async function details(app: Lovage) {
  const { broker } = await internalsOf(app).stores.open();
  return (await broker.inspector.consumers())[0]?.details;
}

onEvery(
  "a pool that grows runs more at once, and less when it shrinks",
  async (place) => {
    const app = place.app();
    const held = new Held();
    const hold = app.task("hold", held.task);
    await place.worker(app, { hostname: "one@box", concurrency: 1 });
    const names = ["a", "b", "c", "d", "e", "f"];
    const results = await app.sendMany(names.map((name) => hold.s(name)));
    await until(() => held.running.size === 1, "the first");

    assertEquals(await app.control.poolGrow(2, ask), {
      replies: { "one@box": { ok: "It runs 3 tasks at a time now" } },
      ...DONE,
    });
    assertEquals((await details(app))?.["concurrency"], 3);
    await until(() => held.running.size === 3, "three at a time");

    const shrunk = await app.control.poolShrink(2, ask);
    assertEquals(shrunk.replies["one@box"]?.ok, "It runs 1 task at a time now");
    assertEquals((await details(app))?.["concurrency"], 1);
    // What runs comes to its end, and one by one the rest.
    assertEquals(held.running.size, 3);
    held.release(...[...held.running]);
    await until(() => held.running.size === 1, "one at a time");
    held.most = 0;
    held.release(...names);
    for (const result of results) await result.get({ timeout: "10s" });
    assertEquals(held.most, 1);
  },
);

onMemory("a pool keeps one slot", async (lab) => {
  const app = lab.app();
  await lab.worker(app, { hostname: "one@box", concurrency: 2 });
  const { replies, errors } = await app.control.poolShrink(2, ask);
  assertEquals(replies, {});
  assertEquals(
    errors["one@box"],
    "The pool has 2 slots and keeps at least one: to take no more tasks, cancel its queues or shut it down",
  );
  for (const n of [0, -1, 1.5, NaN, "2" as unknown as number]) {
    await assertRejects(async () => await app.control.poolGrow(n), ConfigError);
  }
});

onEvery(
  "a queue that is added is served, one that is cancelled is not",
  async (place) => {
    const app = place.app();
    const task = app.task("task", (name: string) => name);
    await place.worker(app, { hostname: "one@box", queues: ["first"] });
    const waits = await task.applyAsync(["waits"], { queue: "second" });
    const added = await app.control.addConsumer("second", ask);
    assertEquals(added.replies["one@box"]?.ok, "It serves first, second now");
    assertEquals((await details(app))?.["queues"], ["first", "second"]);
    assertEquals(await waits.get({ timeout: "10s" }), "waits");
    const again = await app.control.addConsumer("second", ask);
    assertEquals(again.replies["one@box"]?.ok, "It serves second already");

    await app.control.cancelConsumer("first", ask);
    assertEquals((await details(app))?.["queues"], ["second"]);
    const left = await task.applyAsync(["left"], { queue: "first" });
    const served = await task.applyAsync(["served"], { queue: "second" });
    assertEquals(await served.get({ timeout: "10s" }), "served");
    assertEquals(await left.state(), "PENDING");
    const gone = await app.control.cancelConsumer("first", ask);
    assertEquals(gone.replies["one@box"]?.ok, "It did not serve first");

    // A worker that serves no queue goes on answering, and can be given one.
    await app.control.cancelConsumer("second", ask);
    assertEquals((await app.control.inspect(ask).activeQueues()).replies, {
      "one@box": [],
    });
    await app.control.addConsumer("first", ask);
    assertEquals(await left.get({ timeout: "10s" }), "left");
  },
);

onMemory(
  "a cancelled queue is said to be so once nothing of it is taken",
  async (lab) => {
    const brokenOff = new Latch();
    const back = new Latch();
    const happened: string[] = [];
    const { store } = faultyStore(await lab.store());
    const broker = new Proxy(store.broker, {
      get(target, key) {
        const member = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        if (key !== "reserve") return member.bind(target);
        return async (request: ReserveRequest) => {
          const taken = await target.reserve(request);
          if (request.signal.aborted && happened.length === 0) {
            brokenOff.open();
            await back.opened;
            happened.push("the call is back");
          }
          return taken;
        };
      },
    });
    const app = lab.app({ store: { ...store, broker } });
    await lab.worker(app, { hostname: "one@box", queues: ["first", "second"] });
    const order = app.control.cancelConsumer("first", ask)
      .then(() => happened.push("the order is answered"));
    await brokenOff.opened;
    // So an order that does not wait would be answered by now.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    back.open();
    await order;
    assertEquals(happened, ["the call is back", "the order is answered"]);
  },
);

onEvery(
  "a queue that is paused is served by nobody until it is resumed",
  async (place) => {
    const app = place.app();
    const task = app.task("task", (name: string) => name);
    await place.worker(app, {
      hostname: "one@box",
      queues: ["first", "other"],
    });
    await app.control.pause("first");
    const waits = await task.applyAsync(["waits"], { queue: "first" });
    const served = await task.applyAsync(["served"], { queue: "other" });
    assertEquals(await served.get({ timeout: "10s" }), "served");
    assertEquals(await waits.state(), "PENDING");
    const { broker } = await internalsOf(app).stores.open();
    const queues = await broker.inspector.queues();
    assertEquals(
      queues.map(({ queue, paused }) => [queue, paused]).filter(([, it]) => it),
      [["first", true]],
    );
    await app.control.resume(["first", "other"]);
    assertEquals(await waits.get({ timeout: "10s" }), "waits");
    await assertRejects(() => app.control.pause(["good", ""]), ConfigError);
  },
);

onMemory(
  "a rate limit that is set is in force, and can be lifted",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const ran: string[] = [];
    const task = app.task("task", (name: string) => void ran.push(name));
    await lab.worker(app, { hostname: "one@box" });
    await task.delay("before");
    await until(() => ran.length === 1, "no limit");

    const set = await app.control.rateLimit("task", "2/s");
    assertEquals(set.replies["one@box"]?.ok, "task starts 2/s at most");
    await app.sendMany([task.s("a"), task.s("b")]);
    await until(() => ran.length === 2, "the first turn");
    await until(
      async () =>
        (await app.control.inspect().scheduled()).replies["one@box"]?.length ===
          1,
      "the second to wait for its turn",
    );
    await clock.advanceAsync(499);
    assertEquals(ran.length, 2);
    await clock.advanceAsync(1);
    await until(() => ran.length === 3, "the second turn");

    const lifted = await app.control.rateLimit("task", 0);
    assertEquals(
      lifted.replies["one@box"]?.ok,
      "The rate limit of task is lifted",
    );
    await app.sendMany([task.s("c"), task.s("d"), task.s("e")]);
    await until(() => ran.length === 6, "all at once");
  },
);

onMemory("rate limits that are switched off cannot be set", async (lab) => {
  const app = lab.app({ workerDisableRateLimits: true });
  app.task("task", () => {});
  await lab.worker(app, { hostname: "one@box" });
  const { errors } = await app.control.rateLimit("task", "1/s", ask);
  assertEquals(
    errors["one@box"],
    "Its rate limits are switched off by workerDisableRateLimits: restart it without",
  );
});

onMemory(
  "time limits that are set are in force for the runs to come",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const held = new Held();
    const softly = Promise.withResolvers<string>();
    const hold = app.task("hold", { timeLimit: "1h" }, held.task);
    const soft = app.task("soft", { bind: true }, async (self) => {
      held.running.add("soft");
      await new Promise((resolve) =>
        self.signal.addEventListener("abort", resolve)
      );
      softly.resolve(String(self.signal.reason));
    });
    await lab.worker(app, { hostname: "one@box" });
    await app.control.timeLimit("hold", { hard: "5s" });
    await app.control.timeLimit("soft", { soft: "2s", hard: "1h" });
    await app.control.timeLimit("soft", { hard: null });
    const ended = await hold.delay("a");
    await soft.delay();
    await until(() => held.running.size === 2, "both");
    await clock.advanceAsync(2000);
    assert(
      (await soon(softly.promise, "the soft limit")).includes("SoftTimeLimit"),
    );
    await clock.advanceAsync(2999);
    assertEquals(await ended.state(), "RECEIVED");
    await clock.advanceAsync(1);
    await assertRejects(() => ended.get({ timeout: "10s" }), TimeLimitExceeded);
  },
);

onMemory("limits that will not do are refused", async (lab) => {
  const { control } = lab.app();
  const refused = (limits: object, sentence: string) =>
    assertRejects(
      async () => await control.timeLimit("task", limits),
      ConfigError,
      sentence,
    );
  await refused({}, "There is no limit to set: give a soft one");
  await refused(
    { soft: "6s", hard: "5s" },
    "must be shorter than the hard one",
  );
  await refused({ soft: "soon" }, "The soft limit must be a duration");
  await assertRejects(
    async () => await control.rateLimit("task", "often" as "1/s"),
    ConfigError,
    "The rate must be a rate",
  );
  await assertRejects(
    async () => await control.rateLimit("", "1/s"),
    ConfigError,
    "The task must be a name",
  );
});

onMemory("an unknown task is refused, naming the nearest", async (lab) => {
  const app = lab.app();
  app.task("resize", () => {});
  await lab.worker(app, { hostname: "one@box" });
  const { errors } = await app.control.timeLimit("resise", { hard: 1 }, ask);
  assertEquals(
    errors["one@box"],
    'It does not know the task "resise". Did you mean "resize"?',
  );
});

onEvery(
  "a worker that is shut down finishes what runs, and answers before",
  async (place) => {
    const app = place.app();
    const held = new Held();
    const hold = app.task("hold", held.task);
    const worker = await place.worker(app, { hostname: "one@box" });
    const other = await place.worker(app, {
      hostname: "two@box",
      queues: ["x"],
    });
    const result = await hold.delay("a");
    await until(() => held.running.size === 1, "the start");
    assertEquals(
      await app.control.shutdown({ ...ask, destination: ["one@box"] }),
      {
        replies: { "one@box": { ok: "It stops: what runs comes to its end" } },
        ...DONE,
      },
    );
    held.release("a");
    await soon(worker.stopped, "the end of the worker");
    assertEquals(await result.get({ timeout: "10s" }), "a");
    assertEquals(Object.keys((await app.control.ping(ask)).replies), [
      "two@box",
    ]);
    assertEquals((await app.control.ping(ask)).missing, []);
    await other.stop();
  },
);

onMemory("the async pool cannot load code anew, and says so", async (lab) => {
  const app = lab.app();
  await lab.worker(app, { hostname: "one@box" });
  const { errors } = await app.control.poolRestart(ask);
  assertEquals(
    errors["one@box"],
    "The async pool runs tasks in the worker's own process, which cannot load code anew: restart the worker",
  );
});

onMemory("revoke and terminate through control", async (lab) => {
  const app = lab.app();
  const held = new Held();
  const hold = app.task("hold", held.task);
  const [runs, waits] = await app.sendMany([hold.s("a"), hold.s("b")]);
  await lab.worker(app, { concurrency: 1 });
  await until(() => held.running.has("a"), "the start");
  assertEquals(await app.control.revoke(waits!.id), ["removed"]);
  assertEquals(await app.control.terminate([runs!.id, "x"]), [
    "running",
    "unknown",
  ]);
  await until(async () => await runs!.state() === "REVOKED", "the end");
  held.release("a");
});
