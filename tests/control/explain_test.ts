import fc from "fast-check";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type AsyncResult,
  chain,
  chord,
  type Explanation,
  type Gate,
  type GateState,
  group,
  Ignore,
  type Lovage,
  Reject,
} from "@lovage/lovage";
import { tell } from "../../src/control/explain/tell.ts";
import { taskFacts } from "../../src/control/explain/read.ts";
import { knownWorkers } from "../../src/control/explain/workers.ts";
import { uuid7 } from "../../src/message/ids.ts";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { Latch, PATIENCE, reserve, until } from "../_helpers.ts";
import type { Store } from "../../src/contracts/mod.ts";
import { internalsOf } from "../../src/internals.ts";
import { everyStore, type Place } from "./_stores.ts";

const onEach = everyStore();

/** What is said must match each of these. */
function assertSays(
  { sentences }: Explanation,
  ...patterns: readonly RegExp[]
): void {
  const all = sentences.join("\n");
  for (const pattern of patterns) assertMatch(all, pattern);
}

/** The state of a gate in an explanation. */
function gateOf({ lines }: Explanation, gate: Gate): GateState | null {
  return lines.findLast((line) => line.gate === gate)?.state ?? null;
}

async function storeOf(app: Lovage): Promise<Store> {
  return (await internalsOf(app).stores.open()).broker;
}

/** A worker as the store sees it, without one. */
async function appear(
  app: Lovage,
  name: string,
  queues: readonly string[] = ["default"],
): Promise<void> {
  const store = await storeOf(app);
  const details = { queues, concurrency: 2, pool: "async" };
  await store.broker.heartbeat({ id: name, name, lease: 15_000, details });
}

function timed(place: Place): { app: Lovage; clock: FakeClock } {
  const clock = new FakeClock();
  return { app: place.app({ clock }), clock };
}

onEach(
  "a queue that no worker serves, and the one that was meant",
  async (place) => {
    const app = place.app();
    await place.worker(place.app(), {
      queues: ["billing", "email"],
      hostname: "w@one",
    });
    const { id } = await app.sendTask("charge", [1], { queue: "biling" });
    const said = await app.explain(id);
    assertEquals([said.task, said.state, said.where], [
      "charge",
      "PENDING",
      "queued",
    ]);
    assertSays(
      said,
      /^It waits in queue "biling" for a worker, since \S+Z \(now\)$/m,
      /^No live worker serves queue "biling"$/m,
      /^Queues that live workers serve: "billing", "email" \(w@one\)$/m,
      /^Was queue "billing" meant\?$/m,
    );
    assert(said.cures.includes("lovage worker --queues biling"));
  },
);

onEach("no worker at all, and one that fell silent", async (place) => {
  const { app, clock } = timed(place);
  const { id } = await app.sendTask("charge");
  assertSays(await app.explain(id), /^No worker is alive at all$/m);
  await appear(app, "w@one");
  clock.advance(20_000);
  const said = await app.explain(id);
  assertSays(
    said,
    /^It waits in queue "default" for a worker, since \S+Z \(20s ago\)$/m,
    /^Worker w@one serves queue "default", but was silent for 20s, longer than its lease of 15s/m,
  );
});

onEach("how many are before it, and whether a slot is free", async (place) => {
  const { app, clock } = timed(place);
  await appear(app, "w@one");
  await app.sendTask("a");
  const second = await app.sendTask("b", [], { priority: 9 });
  const urgent = await app.sendTask("c", [], { priority: 0 });
  assertSays(
    await app.explain(second.id),
    /^2 tasks of its queue are served before it$/m,
    /^1 live worker serves its queue \(w@one\), with 2 slots of 2 free$/m,
  );
  assertSays(await app.explain(urgent.id), /^It should be taken at once$/m);
  await reserve(await storeOf(app), "w@one", ["default"], 2);
  const asked = app.explain(urgent.id);
  // It is asked whether it has begun, and never answers.
  await until(() => clock.pending > 0, "the worker is asked");
  clock.advance(1_000);
  const held = await asked;
  assertEquals([held.where, held.state], ["held", "RECEIVED"]);
  assertSays(
    held,
    /^Worker w@one holds it, from queue "default"$/m,
    /^The worker did not answer when it was asked: .* or gone\. It was last heard of at \S+Z \(now\)$/m,
    /^If it stays silent, its lease ends at \S+Z \(in 15s\): then the first other worker to start takes its tasks over$/m,
  );
  assertEquals(gateOf(held, "lease"), "unknown");
  assertSays(
    await app.explain(second.id),
    /all 2 slots taken: they hold 2 tasks, and it waits for one of these/,
  );
  await appear(app, "w@two");
  const again = app.explain(urgent.id);
  await until(() => clock.pending > 0, "the worker is asked");
  clock.advance(1_000);
  assertSays(await again, /: then another worker takes its tasks over, and/);
});

onEach("a paused queue", async (place) => {
  const app = place.app();
  await place.worker(place.app());
  await (await storeOf(app)).broker.pause(["default"], true);
  const { id } = await app.sendTask("charge");
  const said = await app.explain(id);
  assertSays(said, /^Queue "default" is paused: nothing is taken from it/m);
  const gates = said.lines.flatMap(({ gate, state }) =>
    gate === null ? [] : [
      `${gate} ${state}`,
    ]
  );
  assertEquals(gates, [
    ...["sent passed", "eta passed", "message passed", "revocation passed"],
    ...["pause holding", "worker passed"],
  ]);
  assertEquals(said.cures, ["lovage control resume default"]);
});

onEach("a countdown, and an expiry that comes before", async (place) => {
  const { app, clock } = timed(place);
  await appear(app, "w@one");
  const late = await app.sendTask("a", [], { countdown: 90 });
  const said = await app.explain(late.id);
  assertEquals([said.where, said.state], ["scheduled", "PENDING"]);
  assertSays(
    said,
    /^It waits in queue "default" until its time comes at 2026-01-01T00:01:30\.000Z \(in 1m 30s\)$/m,
    /with a countdown or an eta/,
  );
  const lost = await app.sendTask("a", [], { countdown: 90, expires: 30 });
  assertSays(
    await app.explain(lost.id),
    /^It expires .*before its time comes/m,
  );
  const { id } = await app.sendTask("a", [], { expires: 30 });
  assertSays(await app.explain(id), /not started by then, it expires at/);
  clock.advance(60_000);
  await appear(app, "w@one");
  const over = await app.explain(id);
  assertSays(
    over,
    /^It has expired at \S+Z \(30s ago\), which nobody has seen/m,
  );
});

onEach("a retry: which, why and when", async (place) => {
  const { app } = timed(place);
  const flaky = app.task("flaky", {
    autoretryFor: [RangeError],
    retryKwargs: { countdown: 60 },
    maxRetries: 5,
  }, () => {
    throw new RangeError("no answer");
  });
  const { id } = await flaky.delay();
  await drain(app);
  const said = await app.explain(id);
  assertEquals([said.where, said.state], ["scheduled", "RETRY"]);
  assertSays(
    said,
    /until its time comes at \S+Z \(in 1m\)$/m,
    /^It is to be retried \(retry 1 of 5\): it was given back at \S+Z \(now\)$/m,
    /^Its last run failed with RangeError: no answer$/m,
    /^No live worker serves/m,
  );
  await drain(app, { withScheduled: true });
  const ended = await app.explain(id);
  assertEquals([ended.where, ended.state], ["ended", "FAILURE"]);
  assertSays(
    ended,
    /^It has failed .* with RangeError: no answer$/m,
    /after 5 retries$/m,
    /^Its result is kept until/m,
  );
  assertEquals(ended.cures, [`lovage result ${id} --traceback`]);
});

onEach("a task that a rate limit sent back", async (place) => {
  const app = place.app();
  const slow = app.task("slow", { rateLimit: "10/h" }, () => 1);
  await place.worker(app);
  const first = await slow.delay();
  await first.get({ timeout: PATIENCE });
  const { id } = await slow.delay();
  await until(
    async () => (await app.explain(id)).where === "scheduled",
    "the task is sent back",
  );
  const said = await app.explain(id);
  assertSays(
    said,
    /sent it back until then: task "slow" is limited to 10\/h per/,
  );
  assertEquals(said.cures, ["lovage control rate-limit slow <rate>"]);
});

onEach("a task that no worker knows is offered to others", async (place) => {
  const { app } = timed(place);
  const { id } = await app.sendTask("nobody.knows");
  await drain(app);
  assertSays(
    await app.explain(id),
    /^No worker that was offered it knew its task "nobody\.knows", since .* until \S+Z \(in 1m\), then/m,
  );
  await drain(app, { withScheduled: true });
  const dead = await app.explain(id);
  assertEquals([dead.where, dead.state], ["dead", "FAILURE"]);
  assertSays(
    dead,
    /^It did not run/m,
    /among the dead letters since .* NotRegisteredError: No worker of queue/,
    /start a worker whose app has the task/,
  );
  const [show, redrive = ""] = dead.cures.slice(-2);
  assertMatch(show ?? "", /^lovage dead show \S+$/);
  const key = redrive.split(" ").at(-1) ?? "";
  const { deadLetters } = await storeOf(app);
  assertEquals(await deadLetters.redrive([key]), 1);
  const again = await app.explain(id);
  assertEquals([again.where, again.state], ["queued", "PENDING"]);
});

onEach("a task that runs, and one that is revoked meanwhile", async (place) => {
  const app = place.app();
  const [begun, over] = [new Latch(), new Latch()];
  const hold = app.task("hold", { timeLimit: "50s" }, async () => {
    begun.open();
    await over.opened;
  });
  await place.worker(app, { hostname: "w@one" });
  const { id } = await hold.delay();
  await begun.opened;
  const said = await app.explain(id);
  assertEquals([said.where, said.state], ["held", "RECEIVED"]);
  assertSays(
    said,
    /^It runs in worker w@one, since \S+Z \(now\)$/m,
    /^It is ended by force once it has run for 50s$/m,
  );
  await app.control.revoke(id);
  const revoked = await app.explain(id);
  assertSays(revoked, /was revoked: its worker was asked to stop it/);
  assertEquals(revoked.cures, [`lovage revoke ${id} --terminate`]);
  over.open();
  await app.AsyncResult(id).get({ timeout: PATIENCE, propagate: false });
});

onEach(
  "a task that runs at most once is with its worker only",
  async (place) => {
    const app = place.app();
    const [begun, over] = [new Latch(), new Latch()];
    const hold = app.task("hold", { acksLate: false }, async () => {
      begun.open();
      await over.opened;
    });
    await place.worker(app, { hostname: "w@one" });
    const result = await hold.delay();
    await begun.opened;
    const said = await app.explain(result.id);
    assertEquals([said.where, said.state], ["held", "STARTED"]);
    assertSays(
      said,
      /^It runs in worker w@one, since \S+Z/m,
      /^It runs at most once \(acksLate: false\), so that only worker w@one has it/m,
    );
    over.open();
    await result.get({ timeout: PATIENCE });
  },
);

onEach("a worker that is silent, and losses before that", async (place) => {
  const { app, clock } = timed(place);
  const { id } = await app.sendTask("heavy");
  const store = await storeOf(app);
  await appear(app, "w@one");
  await reserve(store, "w@one");
  clock.advance(20_000);
  const alone = await app.explain(id);
  assertEquals([alone.where, alone.state], ["held", "RECEIVED"]);
  assertSays(
    alone,
    /^It is held by worker w@one, which was silent for 20s, longer than its/m,
    /^No worker is alive: the first one to start takes its tasks over$/m,
  );
  await appear(app, "w@two");
  assertSays(
    await app.explain(id),
    /^A live worker takes its tasks over within 5s, and counts a loss on each$/m,
  );
  await store.broker.reap();
  const said = await app.explain(id);
  assertEquals(said.where, "queued");
  assertSays(
    said,
    /^The worker or host process that held it was lost 1 time; after 3 \(taskMaxDeliveries\)/m,
  );
});

onEach("success, ignored, rejected and expired tasks", async (place) => {
  const { app, clock } = timed(place);
  const well = await app.task("well", () => 1).delay();
  const refused = await app.task("refused", () => {
    throw new Reject("not for me");
  }).delay();
  const ignoring = app.task("ignoring", () => {
    throw new Ignore("never mind");
  });
  const ignored = await ignoring.delay();
  const old = await app.sendTask("well", [], { expires: 1 });
  clock.advance(2_000);
  await drain(app);
  const said = await app.explain(well.id);
  assertEquals([said.task, said.state, said.where], [
    "well",
    "SUCCESS",
    "ended",
  ]);
  assertSays(said, /^It has ended well at/m, /^It ran for /m);
  assertSays(
    await app.explain(old.id),
    /^It has expired: nobody took it before its time was over/m,
  );
  const dead = await app.explain(refused.id);
  assertEquals(dead.where, "dead");
  assertSays(dead, /Reject: not for me/, /the task itself refused it/);
  assertSays(
    await app.explain(ignored.id),
    /^No task of this id waits or runs in /m,
    /^A task that ignores its result leaves none/m,
  );
  // Nobody has dropped what has expired.
  clock.advance(2 * 86_400_000);
  assertSays(
    await app.explain(well.id),
    /^Its result has expired at \S+Z \(1d ago\) and is about to be dropped$/m,
  );
});

onEach("a revoked task", async (place) => {
  const { app } = timed(place);
  const { id } = await app.sendTask("a");
  await app.control.revoke(id);
  const said = await app.explain(id);
  assertEquals(said.state, "REVOKED");
  assertSays(said, /^It was revoked while it waited, and taken out of its/m);
});

onEach("what has failed upstream, up to the first of it", async (place) => {
  const { app } = timed(place);
  const fail = app.task("fail", (): number => {
    throw new RangeError("no points");
  });
  const add = app.task("add", (a: number) => a + 1);
  const sum = app.task("sum", (all: readonly number[]) => all.length);
  const last = await chain(fail.s(), add.s(), add.s()).delay();
  const body = await chord([add.s(1), chain(fail.s(), add.s())], sum.s())
    .delay();
  await drain(app);
  const first = last.parent?.parent as AsyncResult<unknown>;
  const said = await app.explain(last.id);
  assertEquals([said.where, said.state], ["ended", "FAILURE"]);
  assertSays(
    said,
    new RegExp(
      `^It has failed because of task "fail" \\(${first.id}\\), which ended as FAILURE .* with RangeError: no points$`,
      "m",
    ),
  );
  assertEquals(said.cures[0], `lovage result ${first.id} --traceback`);
  assertSays(
    await app.explain(body.id),
    /because of task "add" \(\S+\), .* with UpstreamFailedError/,
    /because of task "fail" \(\S+\), .* with RangeError: no points$/m,
  );
});

onEach("a step of a chain that is still to come", async (place) => {
  const { app } = timed(place);
  const add = app.task("add", (a: number) => a + 1);
  const sum = app.task("sum", (all: readonly number[]) => all.length);
  const hold = app.task("hold", { queue: "other" }, (a: number) => a);
  const last = await chain(add.s(1), group([add.s(), hold.s()]), sum.s())
    .delay();
  const said = await app.explain(last.id);
  assertEquals(said.where, "to come");
  assertSays(
    said,
    /^It was not sent yet, as its id shows: it follows task "add" \(\S+\) in/m,
    /^That task has not ended \(queued\)/m,
  );
  await app.sendTask("add", [1]);
  await drainDefault(app);
  const waiting = await app.explain(last.id);
  assertEquals(waiting.where, "to come");
  assertSays(
    waiting,
    /^It has led to group \S+, which must end before$/m,
    /^Of 2 members of the group that are known, 1 has not ended: "hold" \(\S+, queued\)$/m,
  );
  const [, member = ""] = /"hold" \((\S+),/.exec(waiting.sentences.join()) ??
    [];
  assertEquals(waiting.cures, [`lovage explain ${member}`]);
  assertSays(
    await app.explain(member),
    /^It is member 2 of group \S+, whose results something waits for/m,
    /^Of 2 members of the group that are known, 1 has not ended/m,
  );
});

/** Runs what waits in the default queue, with a worker for that alone. */
async function drainDefault(app: Lovage): Promise<void> {
  const worker = await app.worker({ pool: "async", queues: ["default"] });
  const { inspector } = await storeOf(app);
  await until(async () => {
    const [stats] = (await inspector.queues())
      .filter(({ queue }) => queue === "default");
    return (stats?.queued ?? 0) + (stats?.running ?? 0) === 0;
  }, "the queue is empty");
  await worker.stop();
}

onEach("groups, schedule entries and unknown ids", async (place) => {
  const { app } = timed(place);
  const add = app.task("add", (a: number) => a + 1);
  const sent = await group([add.s(1), add.s(2)]).delay();
  const all = await app.explain(sent.id);
  assertEquals(all.where, "group");
  assertSays(
    all,
    /^Of 2 members of the group that are known, 2 have not ended/m,
  );
  await drain(app);
  assertSays(await app.explain(sent.id), /and all of them have ended$/m);

  await app.schedules.add("nightly", { task: "add", schedule: "1h" });
  const entry = await app.explain("nightly");
  assertEquals(entry.where, "schedule entry");
  assertSays(entry, /sends task "add"$/m, /^It is due at \S+Z \(in 1h\)$/m);

  const strange = await app.explain("order-7");
  assertEquals([strange.where, strange.task, strange.state], [
    "unknown",
    null,
    "PENDING",
  ]);
  assertSays(
    strange,
    /^Either it was never sent to this store, or its result/m,
  );
});

onEach(
  "an id says when it was made, and so what became of it",
  async (place) => {
    const app = place.app();
    const old = await app.explain(idOf(Date.now() - 3 * 86_400_000));
    assertEquals(old.where, "unknown");
    assertSays(
      old,
      /\(3d ago\), and results are kept for 1d \(resultExpires\): most/,
    );
    const fresh = await app.explain(idOf(Date.now()));
    assertEquals(fresh.where, "unknown");
    assertSays(
      fresh,
      /^Its id was made at \S+Z \(now\): either it was sent to/m,
    );
  },
);

onEach("messages and records that hold anything", async (place) => {
  const { app } = timed(place);
  const store = await storeOf(app);
  const bodies = [
    "",
    "[]",
    '{"v": 99}',
    '{"v":1,"id":"x4","task":"t","args":[],"sentAt":1e300,"queue":"q","priority":4,"group":"g","retries":2,"retriedAt":9e15,"expires":-1e20}',
  ];
  await store.broker.publish(bodies.map((body, at) => ({
    id: `x${at + 1}`,
    task: "t",
    queue: "default",
    priority: 4,
    eta: null,
    body,
  })));
  await store.results.store(["null", "[1]", "{", '{"times":7,"children":3}']
    .map((meta, at) => ({
      id: `r${at}`,
      state: "STRANGE",
      ended: at % 2 === 0,
      task: "t",
      worker: null,
      updatedAt: 8.7e15,
      expiresAt: -8.7e15,
      value: "{",
      error: "{",
      meta,
    })));
  for (const id of ["x1", "x2", "x3", "x4", "r0", "r1", "r2", "r3"]) {
    const { sentences } = await app.explain(id);
    assert(sentences.length > 0);
  }
  assertSays(
    await app.explain("x3"),
    /^Its message cannot be read \(The message/m,
  );
});

/** An id as it would have been made at that time. */
function idOf(at: number): string {
  const time = at.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}${uuid7().slice(13)}`;
}

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer({ min: 0, max: 2_000_000_000_000 }),
  fc.constantFrom(8.7e15, -8.7e15),
);
const anyJson = fc.jsonValue({ maxDepth: 2 });
const anyText = fc.oneof(fc.string(), fc.json({ maxDepth: 2 }));

/** Bodies of messages, of which some are nearly envelopes. */
const anyBody = fc.oneof(
  anyText,
  fc.record({
    v: fc.constant(1),
    id: fc.constant("x"),
    task: fc.constant("t"),
    args: fc.constant([]),
    sentAt: anyNumber,
    queue: fc.constant("q"),
    priority: fc.constant(4),
    retries: fc.constantFrom(0, 3),
    eta: fc.option(anyNumber, { nil: undefined }),
    expires: fc.option(anyNumber, { nil: undefined }),
    retriedAt: fc.option(anyNumber, { nil: undefined }),
    unknownSince: anyJson,
    timeLimit: fc.option(anyNumber, { nil: undefined }),
    group: fc.constantFrom(undefined, "g"),
    chord: fc.constantFrom(undefined, true),
    outcome: fc.constantFrom(undefined, { error: "{" }, { value: "1" }),
  }).map((each) => JSON.stringify(each)),
);

const anyLive = fc.record({
  id: fc.constant("x"),
  task: fc.string(),
  queue: fc.string(),
  priority: anyNumber,
  eta: fc.option(anyNumber),
  body: anyBody,
  status: fc.constantFrom("queued" as const, "scheduled", "running"),
  consumer: fc.option(fc.constantFrom("w", "other")),
  losses: anyNumber,
  cancelled: fc.boolean(),
});

const anyError = fc.oneof(
  anyText,
  fc.record({ name: fc.string(), message: fc.string(), cause: anyJson })
    .map((each) => JSON.stringify(each)),
  fc.constantFrom("UpstreamFailedError", "ChordError").map((name) =>
    JSON.stringify({ name, message: 'Task "a" (b), whose result was to be' })
  ),
);

const anyRecord = fc.record({
  id: fc.constant("x"),
  state: fc.oneof(
    fc.string(),
    fc.constantFrom("SUCCESS", "FAILURE", "REVOKED", "IGNORED", "RETRY"),
  ),
  ended: fc.boolean(),
  task: fc.string(),
  worker: fc.option(fc.string()),
  updatedAt: anyNumber,
  expiresAt: fc.option(anyNumber),
  value: fc.option(anyText),
  error: fc.option(anyError),
  meta: fc.oneof(
    anyText,
    fc.record({
      times: anyJson,
      children: anyJson,
      retries: anyJson,
      losses: anyJson,
      group: anyJson,
    }).map((each) => JSON.stringify(each)),
  ),
});

const anyTask = fc.record({
  live: fc.option(anyLive, { nil: undefined }),
  record: fc.option(anyRecord, { nil: undefined }),
}).map(({ live, record }) => taskFacts("x", live, record));

const anyWorkers = fc.array(fc.record({
  id: fc.constantFrom("w", "v"),
  name: fc.string(),
  lease: anyNumber,
  seenAt: anyNumber,
  held: anyNumber,
  details: fc.oneof(
    fc.record({ queues: anyJson, concurrency: anyJson, pool: anyJson }),
    fc.record({ queues: fc.array(fc.string()), concurrency: anyNumber }),
  ),
}));

const anyStage = fc.constantFrom("active" as const, "reserved", "scheduled");

Deno.test("whatever messages, records and workers say, it is told", () => {
  const run = fc.property(
    anyTask,
    anyTask,
    anyWorkers,
    anyNumber,
    fc.boolean(),
    fc.option(anyStage),
    (task, other, consumers, now, isGroup, stage) => {
      const { sentences, lines } = tell({
        ...task,
        now,
        stores: { broker: "b", backend: "r" },
        settings: {
          taskMaxDeliveries: 3,
          taskUnknownTimeout: 60_000,
          resultExpires: 1_000,
          taskIgnoreResult: false,
        },
        policy: undefined,
        queues: [],
        workers: knownWorkers(consumers, now),
        before: null,
        limits: [],
        letters: { letter: undefined, searched: 1, more: true },
        asked: {
          silent: ["w"],
          holder: stage === null ? null : { worker: "w", stage, info: {} },
        },
        upstream: [other],
        predecessor: isGroup ? undefined : other,
        group: isGroup
          ? { id: "g", members: [task, other], more: true }
          : undefined,
        entry: null,
      });
      assert(sentences.length > 0 && !sentences.includes(""));
      const all = lines.map(({ sentence }) => sentence);
      assert(sentences.every((sentence) => all.includes(sentence)));
      assert(
        lines.every(({ gate, state }) => (gate === null) === (state === null)),
      );
    },
  );
  fc.assert(run, { numRuns: 2_000 });
});

onEach(
  "a dead letter that was put back, while its result lies elsewhere",
  async (place) => {
    const clock = new FakeClock();
    const resultBackend = `memory://${crypto.randomUUID()}`;
    const app = place.app({ clock, resultBackend });
    const refused = app.task("refused", () => {
      throw new Reject("not for me");
    });
    const { id } = await refused.delay();
    await drain(app);
    assertEquals((await app.explain(id)).where, "dead");
    await (await storeOf(app)).deadLetters.redrive(null);
    const said = await app.explain(id);
    assertEquals([said.where, said.state], ["queued", "PENDING"]);
    assertSays(said, /^It has ended once as FAILURE .* was put back into/m);
  },
);

onEach(
  "a task that waits in its worker: for a slot, for its turn",
  async (place) => {
    const { app } = timed(place);
    const over = new Latch();
    const hold = app.task("hold", () => over.opened);
    const paced = app.task("paced", { rateLimit: "2/s" }, () => over.opened);
    const quick = app.task("quick", () => 1);
    await place.worker(app, { hostname: "w@one", concurrency: 2 });
    // What ends quickly makes the worker take more than it has slots for.
    for (
      const each of await Promise.all([1, 2, 3, 4].map(() => quick.delay()))
    ) {
      await each.get({ timeout: PATIENCE });
    }
    const [, turn] = [await paced.delay(), await paced.delay()];
    await until(
      async () => (await app.explain(turn.id)).where === "held",
      "the task is taken",
    );
    assertSays(
      await app.explain(turn.id),
      /^It waits in worker w@one, which took it at \S+Z \(now\), for its turn under its rate limit of 2\/s per worker/m,
    );
    await hold.delay();
    const { id } = await hold.delay();
    await until(
      async () => (await app.explain(id)).where === "held",
      "the task is taken",
    );
    const said = await app.explain(id);
    assertSays(
      said,
      /^It waits in worker w@one, .*, for a free slot$/m,
      /^That worker holds 4 tasks in 2 slots$/m,
    );
    over.open();
  },
);

onEach(
  "a task that was revoked, and whose end others wait for",
  async (place) => {
    const { app } = timed(place);
    const step = app.task("step", (n: number) => n);
    const last = await chain(step.s(1), step.s()).delay();
    const first = last.parent as AsyncResult<unknown>;
    assertEquals(await app.control.revoke(first.id), ["running"]);
    const said = await app.explain(first.id);
    assertEquals([said.where, said.state], ["queued", "PENDING"]);
    assertSays(
      said,
      /^It was revoked: the worker that takes it ends it as REVOKED without a run$/m,
    );
    await drain(app);
    assertSays(
      await app.explain(last.id),
      /^It has failed because of task "step" \(\S+\), which ended as REVOKED/m,
    );
  },
);

onEach("a task that took several workers down with it", async (place) => {
  const { app, clock } = timed(place);
  const heavy = app.task("heavy", () => 1);
  const { id } = await heavy.delay();
  const store = await storeOf(app);
  for (const name of ["w@one", "w@two", "w@three"]) {
    await appear(app, name);
    assertEquals((await reserve(store, name)).length, 1);
    clock.advance(20_000);
    await store.broker.reap();
  }
  assertSays(
    await app.explain(id),
    /^The worker or host process that held it was lost 3 times; that is as many as taskMaxDeliveries allows \(3\): the next worker gives it up as WorkerLostError$/m,
  );
  await drain(app);
  const dead = await app.explain(id);
  assertEquals([dead.where, dead.state], ["dead", "FAILURE"]);
  assertSays(
    dead,
    /^Worker \S+ did not run it once more, but ended it$/m,
    /among the dead letters since .*, from queue "default": WorkerLostError: /m,
    /^The worker or host process that held it was lost 3 times$/m,
    /find out what of it ends its process: memory, Deno\.exit\(\), a crash/,
  );
  assertMatch(dead.cures.at(-1) ?? "", /^lovage dead redrive \S+$/);
});

onEach("a message that cannot be read, dead at last", async (place) => {
  const { app } = timed(place);
  const store = await storeOf(app);
  const message = { task: "t", queue: "default", priority: 4, eta: null };
  await store.broker.publish([{ ...message, id: "odd", body: '{"v":99}' }]);
  await drain(app);
  const dead = await app.explain("odd");
  assertEquals([dead.where, dead.state], ["dead", "FAILURE"]);
  assertSays(
    dead,
    /: DecodeError: The message has version 99/,
    /see what in its message cannot be read: as it is, it comes back here$/m,
  );
});
