import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  type AsyncResult,
  ConfigError,
  EncodeError,
  type Lovage,
  Reject,
  StoreError,
} from "@lovage/lovage";
import { TaskContext } from "../../src/context.ts";
import { ClusterState } from "../../src/control/cluster_state.ts";
import { EventStream } from "../../src/control/events.ts";
import { EventSink } from "../../src/control/event_sink.ts";
import {
  EVENTS_TOPIC,
  type MonitorEvent,
} from "../../src/control/monitor_event.ts";
import { readEvents } from "../../src/control/event_wire.ts";
import { VERSION } from "../../src/version.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { faultyStore, onMemory, soon, until } from "../_helpers.ts";
import { everyStore, Held } from "./_stores.ts";

const onEvery = everyStore();

/** Reads a stream until an event fits; returns all up to it. */
async function readTo(
  stream: EventStream,
  fits: (event: MonitorEvent) => boolean,
): Promise<MonitorEvent[]> {
  const read: MonitorEvent[] = [];
  const reading = (async () => {
    for await (const event of stream) {
      read.push(event);
      if (fits(event)) return;
    }
    throw new Error("The stream has ended");
  })();
  await soon(reading, "an event");
  return read;
}

/** Watches, and waits until the worker has heard of it. */
async function watched(app: Lovage): Promise<EventStream> {
  const stream = await app.events.stream();
  await readTo(stream, ({ type }) => type === "worker-online");
  return stream;
}

const typesOf = (events: readonly MonitorEvent[], uuid: string) =>
  events.filter((event) => event.uuid === uuid).map(({ type }) => type);

onEvery("what happens to a task is told in order", async (place) => {
  const app = place.app();
  const add = app.task("math.add", (a: number, b: number) => a + b);
  const worker = await place.worker(app, { hostname: "one@box" });
  await using stream = await watched(app);
  const sent = await add.applyAsync([2, 3], { queue: "default" });
  const read = await readTo(stream, ({ type }) => type === "task-succeeded");
  assertEquals(typesOf(read, sent.id), [
    "task-received",
    "task-started",
    "task-succeeded",
  ]);
  const [received, started, succeeded] = read.filter(({ uuid }) =>
    uuid === sent.id
  );
  const utcoffset = Math.floor(new Date().getTimezoneOffset() / 60);
  const { timestamp: at, clock, ...fields } = received as MonitorEvent;
  assert(clock !== undefined && clock > 0);
  const base = { hostname: "one@box", pid: Deno.pid, utcoffset };
  assert(Math.abs(at - Date.now()) < 60_000);
  assertEquals(fields, {
    ...base,
    type: "task-received",
    uuid: sent.id,
    name: "math.add",
    args: "[2,3]",
    kwargs: "{}",
    queue: "default",
    retries: 0,
    eta: null,
    expires: null,
    rootId: sent.id,
  });
  const clocks = [received, started, succeeded].map((event) => event?.clock);
  assertEquals(clocks, [clock, clock + 1, clock + 2]);
  assertEquals({ ...started, timestamp: 0, clock }, {
    ...base,
    clock,
    type: "task-started",
    uuid: sent.id,
    name: "math.add",
    timestamp: 0,
  });
  assert((succeeded?.runtime ?? -1) >= 0);
  assertEquals(succeeded?.result, "5");

  const stopping = worker.stop();
  await readTo(stream, ({ type }) => type === "worker-offline");
  await stopping;
  assertEquals(
    stream.state.workers(Date.now()).map(({ hostname, alive, processed }) => [
      hostname,
      alive,
      processed,
    ]),
    [["one@box", false, 1]],
  );
  const [task] = stream.state.tasks();
  assertEquals([task?.name, task?.state, task?.outcome, task?.worker], [
    "math.add",
    "SUCCESS",
    "5",
    "one@box",
  ]);
});

onMemory(
  "failures, retries, refusals and revocations have their own events",
  async (lab) => {
    const app = lab.app();
    const held = new Held();
    const fails = app.task("fails", () => {
      throw new RangeError("no such thing");
    });
    const retries = app.task(
      "retries",
      { bind: true, autoretryFor: [TypeError], retryKwargs: { countdown: 0 } },
      (self) => {
        if (self.request.retries === 0) throw new TypeError("not yet");
      },
    );
    const refuses = app.task("refuses", () => {
      throw new Reject("not me");
    });
    const hold = app.task("hold", held.task);
    await lab.worker(app, { hostname: "one@box", queues: ["default"] });
    await using stream = await watched(app);
    const ended = async (result: AsyncResult<unknown>, type: string) => {
      const read = await readTo(
        stream,
        (event) => event.uuid === result.id && event.type === type,
      );
      return { types: typesOf(read, result.id), last: read.at(-1) };
    };

    const failed = await ended(await fails.delay(), "task-failed");
    assertEquals(failed.last?.exception, "RangeError: no such thing");
    assertMatch(
      failed.last?.traceback ?? "",
      // Where it was thrown, not where it was told.
      /RangeError: no such thing\n +at .*events_test\.ts/,
    );

    const retried = await ended(await retries.delay(), "task-succeeded");
    assertEquals(retried.types, [
      "task-received",
      "task-started",
      "task-retried",
      "task-received",
      "task-started",
      "task-succeeded",
    ]);

    const refused = await ended(await refuses.delay(), "task-rejected");
    assertEquals(refused.last?.requeue, false);

    const runs = await hold.delay("a");
    await until(() => held.running.has("a"), "the start");
    await runs.revoke({ terminate: true });
    const revoked = await ended(runs, "task-revoked");
    assertEquals([revoked.last?.terminated, revoked.last?.expired], [
      true,
      false,
    ]);
    held.release("a");
  },
);

onMemory(
  "a task that expires while it waits for its turn is told as expired",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock, workerSendTaskEvents: true });
    const held = new Held();
    const task = app.task("task", { rateLimit: "1/s" }, held.task);
    await lab.worker(app, { hostname: "one@box" });
    await using stream = await app.events.stream();
    await task.delay("a");
    await until(() => held.running.has("a"), "the first start");
    const late = await task.applyAsync(["b"], { expires: "500ms" });
    await until(
      async () =>
        (await app.control.inspect().scheduled()).replies["one@box"]?.length ===
          1,
      "its turn to be given",
    );
    await clock.advanceAsync(1000);
    const read = await readTo(
      stream,
      ({ uuid, type }) => uuid === late.id && type === "task-revoked",
    );
    assertEquals(read.at(-1)?.expired, true);
    held.release("a");
  },
);

onEvery(
  "nothing is told while nobody watches, and again once somebody does",
  async (place) => {
    const app = place.app();
    const task = app.task("task", () => {});
    await place.worker(app, { hostname: "one@box" });
    const unwatched = await task.delay();
    await unwatched.get({ timeout: "10s" });
    await using stream = await watched(app);
    const seen = await task.delay();
    const read = await readTo(stream, ({ type }) => type === "task-succeeded");
    assertEquals(
      new Set(read.map(({ uuid }) => uuid)).has(unwatched.id),
      false,
    );
    assertEquals(read.at(-1)?.uuid, seen.id);
  },
);

onMemory(
  "who does not watch any more is forgotten after the lease",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    const clock = new FakeClock();
    const app = lab.app({ clock, store });
    const watcher = lab.app({ clock });
    const task = app.task("task", () => {});
    const told = () => faults.count("bus.broadcast");
    await lab.worker(app, { hostname: "one@box" });
    const asked = told();
    await (await task.delay()).get({ timeout: "10s" });
    const before = told() - asked;

    const stream = await watched(watcher);
    await clock.advanceAsync(20_000);
    const beats = await readTo(
      stream,
      ({ type }) => type === "worker-heartbeat",
    );
    assertEquals(beats.at(-1)?.freq, 2000);
    assert(told() > asked + before);

    // It does not say goodbye: the lease ends it.
    await stream.close();
    await clock.advanceAsync(6000);
    const after = told();
    await clock.advanceAsync(60_000);
    await (await task.delay()).get({ timeout: "10s" });
    // What is told now is what wakes and stores, and no event.
    assertEquals(told() - after, before);
  },
);

onMemory(
  "events are told without a watcher when they are asked for",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => {});
    const worker = await lab.worker(app, {
      hostname: "one@box",
      taskEvents: true,
    });
    const { bus } = await lab.store();
    const heard: MonitorEvent[] = [];
    const end = await bus.subscribe(
      EVENTS_TOPIC,
      (payload) => heard.push(...readEvents(payload)),
    );
    await task.delay();
    await until(
      () => heard.some(({ type }) => type === "task-succeeded"),
      "it",
    );
    await app.control.disableEvents({ timeout: "10s" });
    heard.length = 0;
    await (await task.delay()).get({ timeout: "10s" });
    await app.control.enableEvents({ timeout: "10s" });
    await until(() => heard.length > 0, "the worker to appear");
    assertEquals(heard[0]?.type, "worker-online");
    await worker.stop();
    end();
  },
);

onMemory("a bus that fails costs events, and nothing else", async (lab) => {
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store, workerSendTaskEvents: true });
  const task = app.task("task", () => "done");
  const worker = await lab.worker(app, { hostname: "one@box" });
  faults.down("bus.broadcast");
  const result = await task.delay();
  assertEquals(await result.get({ timeout: "10s" }), "done");
  faults.up();
  await using stream = await lab.app().events.stream();
  await task.delay();
  await readTo(stream, ({ type }) => type === "task-succeeded");
  await worker.stop();
});

onMemory(
  "a watcher that cannot say so watches nothing, and leaves no timer",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    const clock = new FakeClock();
    const app = lab.app({ store, clock });
    faults.fail("bus.broadcast", 1);
    await assertRejects(() => app.events.stream(), StoreError);
    assertEquals(clock.pending, 0);
  },
);

onMemory("what is no event is left out", async (lab) => {
  const app = lab.app();
  const { bus } = await lab.store();
  await using stream = await app.events.stream();
  const good = { type: "task-failed", timestamp: 1, uuid: "1" };
  const told = (events: unknown, hostname: unknown = "x") =>
    JSON.stringify({ hostname, pid: 1, clock: 5, utcoffset: -1, events });
  for (
    const payload of [
      "nonsense",
      "7",
      "[null, 7, []]",
      JSON.stringify(good),
      told(7, 7),
      told([null, 7, []]),
      told([good], 7),
      JSON.stringify({ hostname: "x", pid: 1, events: [good] }),
      told([
        [3, 1, "1", "x"],
        [1, "now", "1", "x"],
        [1, 1, 1, "x"],
        [2, 1, "1", "x", "long", "5"],
        [0, 1, "1", "x", "q", 7],
        [0, 1, "1", "x", "q", [], { retries: "many" }],
        { ...good, fields: "none" },
        { ...good, timestamp: "now" },
        { ...good, uuid: 7 },
        { ...good, name: {} },
        { ...good, exception: ["x"] },
        { ...good, processed: "many" },
        { ...good, loadavg: ["high"] },
        { ...good, type: null },
        { ...good, type: "task-received", args: 7 },
      ]),
      told([good]),
    ]
  ) await bus.broadcast(EVENTS_TOPIC, payload);
  const read = await readTo(stream, () => true);
  const by = { hostname: "x", pid: 1, clock: 5, utcoffset: -1 };
  assertEquals(read, [{ ...by, ...good } as MonitorEvent]);
  assertEquals(stream.state.tasks().length, 1);
});

Deno.test("a watcher's lease is what it says, and never longer than usual", async () => {
  const clock = new FakeClock();
  const listeners: ((payload: string) => void)[] = [];
  const told: string[] = [];
  const bus = {
    broadcast: (topic: string, payload: string) => {
      if (topic === EVENTS_TOPIC) told.push(payload);
      return Promise.resolve();
    },
    subscribe: (_topic: string, listener: (payload: string) => void) => {
      listeners.push(listener);
      return Promise.resolve(() => {});
    },
  };
  const sink = new EventSink(bus, clock, { hostname: "x", pid: 1 }, false);
  let [firsts, others] = [0, 0];
  await sink.start((isFirst) => {
    if (isFirst) firsts++;
    else others++;
  });
  const watch = (payload: string) => listeners.forEach((hear) => hear(payload));
  watch("0");
  watch("soon");
  assertEquals([sink.active, firsts], [false, 0]);
  watch("6000");
  watch("1000");
  clock.advance(5999);
  assertEquals([sink.active, firsts], [true, 1]);
  clock.advance(1);
  assertEquals(sink.active, false);
  watch("1000000000000");
  clock.advance(1000);
  // One more that begins is told of, one that goes on is not.
  watch("5000 begins 41");
  watch("5000 goes on 7");
  assertEquals([firsts, others], [2, 1]);
  clock.advance(5000);
  assertEquals([sink.active, firsts], [false, 2]);
  // Its clock goes on from what watchers have heard of others.
  sink.tell({ type: "worker-heartbeat" }, true);
  await sink.stop();
  assertEquals(told.map((text) => JSON.parse(text).clock), [42]);
});

Deno.test("few events are told at once, many are gathered", async () => {
  const clock = new FakeClock();
  const told: number[] = [];
  const bus = {
    broadcast: (topic: string, payload: string) => {
      if (topic === EVENTS_TOPIC) told.push(readEvents(payload).length);
      return Promise.resolve();
    },
    subscribe: () => Promise.resolve(() => {}),
  };
  const sink = new EventSink(bus, clock, { hostname: "x", pid: 1 }, true);
  const tell = async (count: number) => {
    for (let i = 0; i < count; i++) sink.tell({ type: "task-failed" });
    await clock.advanceAsync(0);
  };
  await tell(1);
  await tell(2);
  assertEquals(told, [1, 2]);
  await tell(20);
  await tell(7);
  await tell(8);
  assertEquals(told, [1, 2, 20]);
  await clock.advanceAsync(50);
  assertEquals(told, [1, 2, 20, 15]);
  // What fills a payload does not wait, nor does what is left at the end.
  await tell(100);
  await tell(1_000);
  assertEquals(told, [1, 2, 20, 15, 100, 1_000]);
  await tell(5);
  await sink.stop();
  assertEquals(told.at(-1), 5);
  assertEquals(clock.pending, 0);
});

onEvery("a worker tells how it is doing when it is asked to", async (place) => {
  const app = place.app();
  await place.worker(app, { hostname: "one@box", heartbeatInterval: null });
  await using stream = await watched(app);
  const answers = await app.control.heartbeat();
  assertEquals(answers.replies, {
    "one@box": { ok: "It has told how it is doing" },
  });
  const read = await readTo(stream, ({ type }) => type === "worker-heartbeat");
  assertEquals([read.at(-1)?.active, read.at(-1)?.freq], [0, 0]);
});

onEvery("a task tells events of its own", async (place) => {
  const app = place.app();
  const copy = app.task("copy", { bind: true }, (self, files: number) => {
    for (let done = 1; done <= files; done++) {
      self.sendEvent("task-progress", { done, of: files });
    }
    self.sendEvent("copied");
  });
  await place.worker(app, { hostname: "one@box" });
  await using stream = await watched(app);
  const { id } = await copy.delay(2);
  const read = await readTo(stream, ({ type }) => type === "task-succeeded");
  assertEquals(
    read.filter(({ uuid }) => uuid === id).map(({ type, name, fields }) => [
      ...[type, name],
      fields,
    ]),
    [
      ["task-received", "copy", undefined],
      ["task-started", "copy", undefined],
      ["task-progress", "copy", { done: 1, of: 2 }],
      ["task-progress", "copy", { done: 2, of: 2 }],
      ["copied", "copy", {}],
      ["task-succeeded", "copy", undefined],
    ],
  );
  assertEquals(stream.state.tasks()[0]?.state, "SUCCESS");
});

Deno.test("an event of a task that will not do is refused", () => {
  const self = TaskContext.direct("copy", []);
  const send = self.sendEvent.bind(self) as (...args: unknown[]) => void;
  for (
    const [type, fields, message] of [
      ["", {}, 'letters, digits and "-", such as "task-progress", but was'],
      [7, {}, "but was given 7"],
      ["two words", {}, 'but was given "two words"'],
      ["task-failed", {}, "which Lovage itself tells: choose another name"],
      ["mine", [1], "but was given"],
      [
        "mine",
        { text: "x".repeat(10_001) },
        "fields of up to 10000 characters",
      ],
    ] as const
  ) assertThrows(() => send(type, fields), ConfigError, message);
  assertThrows(
    () => send("mine", { at: new Date() }),
    EncodeError,
    "fields.at",
  );
  send("mine", { done: 1 });
});

Deno.test("what is not read in time is dropped and counted, the oldest first", async () => {
  const stream = new EventStream(() => 0);
  const event = (retries: number): MonitorEvent => ({
    type: "task-received",
    hostname: "x",
    timestamp: 0,
    retries,
  });
  for (let i = 0; i < 50_003; i++) stream.push(event(i));
  assertEquals(stream.dropped, 3);
  const [first] = await readTo(stream, () => true);
  assertEquals(first?.retries, 3);
  await stream.close();
});

Deno.test("a worker is alive for three of its heartbeats, whatever its clock says", () => {
  const state = new ClusterState();
  const event = (type: MonitorEvent["type"], timestamp: number) => ({
    type,
    hostname: "x",
    timestamp,
    freq: 1000,
    active: 1,
    processed: 2,
  });
  // Its clock is an hour behind.
  state.take(event("worker-heartbeat", 100), 3_600_100);
  const alive = (now: number) => state.workers(now).map((it) => it.alive);
  assertEquals(alive(3_603_100), [true]);
  assertEquals(alive(3_603_101), [false]);
  state.take(event("worker-heartbeat", 3200), 3_603_200);
  assertEquals(alive(3_603_200), [true]);
  state.take(event("worker-offline", 3300), 3_603_300);
  assertEquals(alive(3_603_300), [false]);
});

onEvery(
  "a worker says what it is, how often, and who begins to watch hears at once",
  async (place) => {
    const app = place.app();
    await place.worker(app, { hostname: "one@box", heartbeatInterval: "1h" });
    await place.worker(app, { hostname: "two@box", heartbeatInterval: null });
    await using first = await app.events.stream();
    const online: Record<string, MonitorEvent> = {};
    await readTo(first, (event) => {
      if (event.type === "worker-online") online[event.hostname] = event;
      return Object.keys(online).length === 2;
    });
    const { timestamp: _at, loadavg = [], swSys, utcoffset, ...facts } =
      online["one@box"]!;
    assertEquals(facts, {
      type: "worker-online",
      hostname: "one@box",
      pid: Deno.pid,
      clock: 1,
      freq: 3_600_000,
      active: 0,
      processed: 0,
      untold: 0,
      swIdent: "lovage",
      swVer: VERSION,
    });
    assertEquals([loadavg.length, typeof utcoffset], [3, "number"]);
    assertMatch(swSys ?? "", /^linux |^darwin /);
    assertEquals(online["two@box"]?.freq, 0);

    // A second one does not wait for the next heartbeat, in an hour or never.
    await using second = await app.events.stream();
    const heard = new Map<string, string>();
    await readTo(second, ({ hostname, type }) => {
      heard.set(hostname, type);
      return heard.size === 2;
    });
    assertEquals(Object.fromEntries(heard), {
      "one@box": "worker-heartbeat",
      "two@box": "worker-online",
    });
    const [one, two] = second.state.workers(Date.now() + 4 * 3_600_000);
    assertEquals([one?.alive, two?.alive], [false, true]);

    // Nor does a worker that starts while somebody watches.
    await place.worker(app, { hostname: "three@box" });
    await readTo(
      second,
      ({ hostname, type }) =>
        hostname === "three@box" && type === "worker-online",
    );
  },
);

onMemory("heartbeats come as often as they are told to", async (lab) => {
  const clock = new FakeClock();
  const app = lab.app({ clock, workerSendTaskEvents: true });
  await lab.worker(app, { hostname: "one@box", heartbeatInterval: "10s" });
  await lab.worker(app, { hostname: "two@box", heartbeatInterval: null });
  await using stream = await app.events.stream();
  const beats: string[] = [];
  const reading = (async () => {
    for await (const { type, hostname } of stream) {
      if (type === "worker-heartbeat") beats.push(hostname);
    }
  })();
  await until(() => beats.length === 1, "the answer to who began to watch");
  for (let n = 0; n < 3; n++) {
    await clock.advanceAsync(10_000);
    await until(() => beats.length === n + 2, "a heartbeat");
  }
  await stream.close();
  await reading;
  assertEquals(new Set(beats), new Set(["one@box"]));
  for (const heartbeatInterval of [0, "0s"] as const) {
    await assertRejects(
      () => app.worker({ pool: "async", heartbeatInterval }),
      ConfigError,
      "must be longer than 0; null is no heartbeats",
    );
  }
});

onEvery("what is sent is told by whoever sends it", async (place) => {
  const watcher = place.app();
  await using stream = await watcher.events.stream();
  const app = place.app({ taskSendSentEvent: true });
  const add = app.task("math.add", (a: number, b: number) => a + b);
  const first = await add.applyAsync([2, 3], { countdown: 60 });
  const [sent] = (await readTo(stream, ({ uuid }) => uuid === first.id))
    .slice(-1);
  assertMatch(sent?.hostname ?? "", new RegExp(`^gen${Deno.pid}@.`));
  const { timestamp: _at, hostname: _who, utcoffset, eta, ...fields } = sent!;
  assertEquals(typeof utcoffset, "number");
  assert(Math.abs((eta ?? 0) - Date.now() - 60_000) < 30_000);
  assertEquals(fields, {
    type: "task-sent",
    pid: Deno.pid,
    clock: 1,
    uuid: first.id,
    name: "math.add",
    args: "[2,3]",
    kwargs: "{}",
    queue: "default",
    retries: 0,
    expires: null,
    rootId: first.id,
  });
  assertEquals(stream.state.tasks()[0]?.state, "PENDING");
  const many = await app.sendMany([add.s(1, 1), add.s(2, 2)]);
  await readTo(stream, ({ uuid }) => uuid === many[1]?.id);
  // Nobody is a worker because of it.
  assertEquals(stream.state.workers(Date.now()), []);
});

onMemory("what is sent is told only while somebody watches", async (lab) => {
  const { store, faults } = faultyStore(await lab.store());
  const clock = new FakeClock();
  const app = lab.app({ store, clock });
  const task = app.task("task", () => {});
  const { bus } = store;
  const told: string[] = [];
  const end = await bus.subscribe(EVENTS_TOPIC, (text) => told.push(text));
  await task.delay();
  assertEquals(faults.count("bus.broadcast"), 0);
  const telling = lab.app({ store, clock, taskSendSentEvent: true });
  await telling.sendTask("task");
  await until(() => faults.count("bus.broadcast") > 0, "it asks who watches");
  await clock.advanceAsync(1000);
  await telling.sendTask("task");
  await telling.close();
  assertEquals(told, []);
  end();
});

onMemory(
  "a bus that fails does not keep tasks from being sent",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    faults.down("bus.broadcast", "bus.subscribe");
    const app = lab.app({ store, taskSendSentEvent: true });
    await app.sendTask("task");
    await until(() => faults.count("bus.subscribe") > 0, "it tries to hear");
    await app.sendTask("task");
    await app.close();
  },
);

onMemory(
  "of more tasks than can be told, each is told as a whole or only its failure",
  async (lab) => {
    // Its time stands still: nothing is told of after the first 2,500.
    const app = lab.app({ clock: new FakeClock(), workerSendTaskEvents: true });
    const quick = app.task("quick", () => {});
    const fails = app.task("fails", () => {
      throw new RangeError("no");
    });
    await using stream = await app.events.stream();
    const worker = await lab.worker(app, { hostname: "one@box" });
    const told = new Map<string, string[]>();
    const reading = (async () => {
      for await (const { uuid, type } of stream) {
        if (uuid !== undefined) told.set(uuid, [...told.get(uuid) ?? [], type]);
        if (type === "worker-offline") return;
      }
    })();
    let last: AsyncResult<unknown> | undefined;
    for (let batch = 0; batch < 6; batch++) {
      const all = Array.from({ length: 500 }, () => quick.s());
      last = (await app.sendMany(all)).at(-1);
      await last?.get({ timeout: "10s" });
    }
    const failed = await fails.delay();
    await failed.get({ timeout: "10s", propagate: false });
    await worker.stop();
    await soon(reading, "the end");
    assertEquals(told.size, 2_501);
    assertEquals(told.get(failed.id), ["task-failed"]);
    told.delete(failed.id);
    const whole = "task-received,task-started,task-succeeded";
    assert([...told.values()].every((types) => types.join() === whole));
    assertEquals(told.has(last?.id ?? ""), false);
    const [seen] = stream.state.workers(Date.now());
    assertEquals([seen?.processed, seen?.untold], [3_001, 501]);
  },
);

Deno.test("that a task was sent does not take its state back", () => {
  const state = new ClusterState();
  const base = { hostname: "x", uuid: "1" };
  state.take({ ...base, type: "task-succeeded", timestamp: 30 }, 30);
  state.take({ ...base, type: "task-sent", timestamp: 31, name: "add" }, 31);
  assertEquals(state.tasks().map(({ state, name }) => [state, name]), [[
    "SUCCESS",
    "add",
  ]]);
});

Deno.test("events of one task that come late do not take its state back", () => {
  const state = new ClusterState();
  const event = (type: MonitorEvent["type"], timestamp: number) => ({
    type,
    hostname: "x",
    timestamp,
    uuid: "1",
  });
  state.take({ ...event("task-succeeded", 30), result: "5" }, 30);
  state.take({ ...event("task-started", 20), name: "add" }, 31);
  const [task] = state.tasks();
  assertEquals([task?.state, task?.name, task?.outcome], [
    "SUCCESS",
    "add",
    "5",
  ]);
});
