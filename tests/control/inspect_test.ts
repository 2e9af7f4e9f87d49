import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ConfigError } from "@lovage/lovage";
import type { WorkerStats } from "../../src/control/facts.ts";
import { resolveConfig } from "../../src/settings.ts";
import { MemorySamples } from "../../src/worker/memory_samples.ts";
import { inspecting } from "../../src/worker/remote/inspecting.ts";
import type { Steered } from "../../src/worker/remote/steered.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { onMemory, until } from "../_helpers.ts";
import { everyStore, Held } from "./_stores.ts";

const onEvery = everyStore();
const ask = { timeout: "10s" } as const;

onEvery("every question is answered by every worker", async (place) => {
  const app = place.app();
  const held = new Held();
  const hold = app.task("hold", held.task);
  app.task("limited", { rateLimit: "10/m", timeLimit: "5s" }, () => {});
  await place.worker(app, { hostname: "one@box", queues: ["one"] });
  await place.worker(app, {
    hostname: "two@box",
    queues: ["two", "more"],
    concurrency: 3,
  });
  const sent = await hold.applyAsync(["first"], { queue: "one", priority: 2 });
  await until(() => held.running.has("first"), "the start");
  const inspect = app.control.inspect(ask);

  assertEquals(await inspect.ping(), {
    replies: { "one@box": { ok: "pong" }, "two@box": { ok: "pong" } },
    errors: {},
    missing: [],
    silent: [],
  });

  const active = (await inspect.active()).replies;
  assertEquals(active["two@box"], []);
  const [task] = active["one@box"] ?? [];
  assert(Math.abs((task?.receivedAt ?? 0) - Date.now()) < 60_000);
  assert((task?.startedAt ?? 0) >= (task?.receivedAt ?? Infinity));
  assertEquals({ ...task, receivedAt: 0, startedAt: 0 }, {
    id: sent.id,
    name: "hold",
    args: ["first"],
    kwargs: {},
    hostname: "one@box",
    receivedAt: 0,
    startedAt: 0,
    workerPid: null,
    acknowledged: false,
    retries: 0,
    deliveryInfo: { queue: "one", priority: 2, redelivered: false },
  });
  assertEquals((await inspect.reserved()).replies, {
    "one@box": [],
    "two@box": [],
  });
  assertEquals((await inspect.scheduled()).replies["one@box"], []);
  assertEquals((await inspect.registered()).replies["two@box"], [
    "hold",
    "limited [rateLimit=10/m timeLimit=5s]",
  ]);
  assertEquals((await inspect.activeQueues()).replies, {
    "one@box": [{ name: "one" }],
    "two@box": [{ name: "two" }, { name: "more" }],
  });

  const query = (await inspect.queryTask(sent.id, "unknown")).replies;
  assertEquals(query["two@box"], {});
  assertEquals(Object.keys(query["one@box"] ?? {}), [sent.id]);
  assertEquals(query["one@box"]?.[sent.id]?.[0], "active");

  const stats = (await inspect.stats()).replies["one@box"] as WorkerStats;
  assertEquals(stats.pid, Deno.pid);
  assertEquals([stats.pool.implementation, stats.pool.running], ["async", 1]);
  assertEquals(
    stats.broker.transport,
    new URL(place.url).protocol.slice(0, -1),
  );
  assert(stats.rss > 0 && stats.prefetchCount > 0);

  const { clock } = (await inspect.clock()).replies["one@box"] ?? { clock: 0 };
  assert(Math.abs(clock - Date.now()) < 60_000);

  await sent.revoke();
  await until(
    async () => (await inspect.revoked()).replies["one@box"]?.[0] === sent.id,
    "the revocation",
  );
  held.release("first");
  await until(
    async () => (await inspect.active()).replies["one@box"]?.length === 0,
    "the end",
  );
  assertEquals(
    (await inspect.stats()).replies["one@box"]?.total,
    { hold: 1 },
  );
});

onEvery(
  "memory is sampled when asked, and told with memdump",
  async (place) => {
    const app = place.app();
    await place.worker(app, { hostname: "one@box" });
    const inspect = app.control.inspect(ask);
    const sample = async () => (await inspect.memsample()).replies["one@box"];
    const [first, second] = [await sample(), await sample()];
    assert(first !== undefined && second !== undefined);
    assert(first.rss >= first.heapTotal && first.heapTotal >= first.heapUsed);
    assert(first.heapUsed > 0 && first.at <= second.at);
    assertEquals(first.hosts, []);
    const dump = (await inspect.memdump()).replies["one@box"];
    assertEquals(dump?.samples, [first, second]);
    assert((dump?.now.at ?? 0) >= second.at);
    // They are forgotten with it.
    assertEquals((await inspect.memdump()).replies["one@box"]?.samples, []);
    await assertRejects(
      async () => await inspect.memdump(0),
      ConfigError,
      "The number of samples must be a whole number of at least 1, but it is 0",
    );
  },
);

Deno.test("samples of memory are kept within bounds, and told evenly spread", async () => {
  let at = 0;
  const samples = new MemorySamples({
    now: () => ++at,
    own: () => ({ rss: 3, heapUsed: 1, heapTotal: 2 }),
    hosts: () => Promise.resolve([{ pid: 7, rss: null }]),
  });
  const told = async (most: number) => {
    const dump = await samples.dump(most);
    return dump.samples.map((sample) => sample.at);
  };
  for (let count = 0; count < 1_005; count++) await samples.take();
  const spread = await told(4);
  assertEquals([spread.length, spread[0], spread[3]], [4, 6, 1_005]);
  assertEquals(await told(4), []);
  for (let count = 0; count < 3; count++) await samples.take();
  assertEquals(await told(1), [1_010]);
});

Deno.test("conf and report mask secrets", () => {
  const brokerUrl = "redis://me:hush@cache:6379";
  const answers = inspecting({
    hostname: "one@box",
    settings: resolveConfig({ brokerUrl }),
    platform: {},
    tasks: [],
    queues: [],
    stats: { pool: {}, broker: { address: "redis://me:***@cache:6379" } },
  } as unknown as Steered);
  for (const question of ["conf", "report"]) {
    const text = JSON.stringify(answers[question]?.({}));
    assertMatch(text, /redis:\/\/me:\*\*\*@cache:6379/);
    assert(!text.includes("hush"), text);
  }
});

onMemory("report names worker, platform, store and settings", async (lab) => {
  const app = lab.app({ taskTimeLimit: "7s" });
  await lab.worker(app, { hostname: "one@box" });
  const inspect = app.control.inspect(ask);
  const report = (await inspect.report()).replies["one@box"]?.ok ?? "";
  assertMatch(report, /^worker: one@box$/m);
  assertMatch(report, /^runtime: Deno \d/m);
  assertMatch(report, /^pool: async, 100 at a time$/m);
  assertMatch(report, /^broker: memory:/m);
  assertMatch(report, /^store: null$/m);
  assertMatch(report, /^taskTimeLimit: 7000$/m);
  const conf = (await inspect.conf()).replies["one@box"];
  assertEquals(conf?.["taskTimeLimit"], 7000);
});

onMemory(
  "a task goes from scheduled to reserved to active",
  async (lab) => {
    const clock = new FakeClock();
    const app = lab.app({ clock });
    const held = new Held();
    const limited = app.task("limited", { rateLimit: "1/s" }, held.task);
    await lab.worker(app, { hostname: "one@box", concurrency: 2 });
    const inspect = app.control.inspect();
    const stageOf = async (id: string) =>
      (await inspect.queryTask(id)).replies["one@box"]?.[id]?.[0];

    await limited.delay("a");
    await until(() => held.running.has("a"), "the first start");
    const second = await limited.delay("b");
    await until(
      async () => (await inspect.scheduled()).replies["one@box"]?.length === 1,
      "its turn to be given",
    );
    assertEquals(await stageOf(second.id), "scheduled");

    await app.control.poolShrink();
    await clock.advanceAsync(1000);
    assertEquals(await stageOf(second.id), "reserved");
    assertEquals((await inspect.reserved()).replies["one@box"]?.length, 1);

    held.release("a");
    await until(() => held.running.has("b"), "the second start");
    assertEquals(await stageOf(second.id), "active");
    assertEquals(held.most, 1);
    held.release("b");
  },
);

onEvery("destination and pattern say who answers", async (place) => {
  const app = place.app();
  for (const name of ["gpu-1@a", "gpu-2@b", "cpu@a"]) {
    await place.worker(app, { hostname: name });
  }
  const names = async (whom: object) =>
    Object.keys((await app.control.ping({ ...ask, ...whom })).replies);
  assertEquals(await names({ destination: ["cpu@a"] }), ["cpu@a"]);
  assertEquals(await names({ pattern: "gpu-?@*" }), ["gpu-1@a", "gpu-2@b"]);
  assertEquals(await names({ pattern: "*@a" }), ["cpu@a", "gpu-1@a"]);
  const both = await app.control.ping({
    ...ask,
    pattern: "*@a",
    destination: ["gpu-1@a", "gpu-2@b"],
  });
  assertEquals([Object.keys(both.replies), both.missing], [["gpu-1@a"], []]);
  assertEquals(await names({ pattern: "gpu.1@a" }), []);
  const limited = await app.control.ping({ ...ask, limit: 1 });
  assert(Object.keys(limited.replies).length >= 1);
});

onMemory("who was named and does not answer is missing", async (lab) => {
  const app = lab.app();
  await lab.worker(app, { hostname: "one@box" });
  const answers = await app.control.ping({
    destination: ["one@box", "ghost@box"],
    timeout: "50ms",
  });
  assertEquals(Object.keys(answers.replies), ["one@box"]);
  assertEquals(answers.missing, ["ghost@box"]);
});

onMemory("without workers nobody is waited for", async (lab) => {
  const app = lab.app();
  assertEquals(await app.control.ping({ timeout: "1d" }), {
    replies: {},
    errors: {},
    missing: [],
    silent: [],
  });
});

onMemory("an unknown command is refused, naming the nearest", async (lab) => {
  const app = lab.app();
  await lab.worker(app, { hostname: "one@box" });
  const command = "activ" as "active";
  const answers = await app.control.inspect(ask).ask(command);
  assertEquals(answers.replies, {});
  assertEquals(
    answers.errors["one@box"],
    'This worker does not know the command "activ". Did you mean "active"?',
  );
});

onMemory("a timeout that is none is refused", async (lab) => {
  const app = lab.app();
  const timeout = "soon" as "1s";
  await assertRejects(
    () => app.control.ping({ timeout }),
    ConfigError,
    'The timeout must be a duration: seconds, or a string such as "250ms", "30s", "5m", "2h", but it is "soon"',
  );
});
