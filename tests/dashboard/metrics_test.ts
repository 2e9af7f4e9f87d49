/**
 * Metrics on every store: a strict reader takes them, and they tell what
 * happened, worker by worker and in all.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Exposition } from "../../src/dashboard/api/exposition.ts";
import { onMemory, PATIENCE, until } from "../_helpers.ts";
import { everyStore, Held } from "../control/_stores.ts";
import { Client } from "./_client.ts";
import { type Metric, parse } from "./_prometheus.ts";

const test = everyStore();

async function scrape(client: Client): Promise<Map<string, Metric>> {
  const response = await client.hold("/metrics");
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  return parse(await response.text());
}

test("metrics tell what each worker has done", async (place) => {
  const app = place.app();
  const held = new Held();
  const add = app.task("add", (a: number, b: number) => a + b);
  const fail = app.task("fail", () => {
    throw new TypeError("No");
  });
  // The second one waits in its worker for a second.
  const wait = app.task("wait", { rateLimit: "1/s" }, held.task);
  const worker = await place.worker(app, { hostname: 'w"1\\@lab' });
  await place.worker(app, {
    hostname: "w2@lab",
    queues: ["slow"],
    concurrency: 2,
  });
  for (let at = 0; at < 3; at++) {
    await (await add.delay(at, at)).get({ timeout: PATIENCE });
  }
  await (await fail.delay()).get({ timeout: PATIENCE }).catch(() => {});
  await using client = new Client(app);
  const one = String.raw`worker="w\"1\\@lab"`;
  const two = 'worker="w2@lab"';
  const value = async (name: string, labels: string, of = name) =>
    (await scrape(client)).get(name)?.samples.get(`${of}{${labels}}`);
  const events = (type: string, task: string, worker: string) =>
    value(
      "flower_events_total",
      `task="${task}",type="task-${type}",${worker}`,
    );
  const prefetched = "flower_worker_prefetched_tasks";
  assertEquals(await value(prefetched, `task="wait",${two}`), undefined);
  for (const name of ["a", "b"]) {
    await wait.applyAsync([name], { queue: "slow" });
  }
  await until(
    async () => await value(prefetched, `task="wait",${two}`) === 1,
    "the prefetched task",
  );
  await until(() => held.running.has("a"), "the held task");
  assertEquals(await events("received", "add", one), 3);
  assertEquals(await events("started", "add", one), 3);
  assertEquals(await events("succeeded", "add", one), 3);
  assertEquals(await events("failed", "add", one), 0);
  assertEquals(await events("failed", "fail", one), 1);
  assertEquals(await events("succeeded", "wait", two), 0);
  const runtime = "flower_task_runtime_seconds";
  assertEquals(
    await value(runtime, `task="add",${one}`, `${runtime}_count`),
    3,
  );
  const executing = "flower_worker_number_of_currently_executing_tasks";
  assertEquals(await value(executing, one), 0);
  assertEquals(await value("flower_worker_online", two), 1);
  assertEquals(await value("lovage_worker_slots", two), 2);
  const waited = "flower_task_prefetch_time_seconds";
  assertEquals(await value(waited, `task="add",${one}`), 0);
  await until(
    async () => (await value(waited, `task="wait",${two}`) ?? 0) > 0.2,
    "the time that a task waited in its worker",
  );
  assertEquals(await value(prefetched, `task="wait",${two}`), 0);
  assertEquals(await events("started", "wait", two), 2);
  assertEquals(await value(executing, two), 2);
  held.release("a", "b");
  await worker.stop();
  await until(
    async () => await value("flower_worker_online", one) === undefined,
    "that the worker is gone",
  );
  assertEquals(await events("succeeded", "add", one), undefined);
  // The store goes on knowing.
  const kept = 'outcome="succeeded",queue="default",task="add"';
  assertEquals(await value("lovage_tasks_total", kept), 3);
  const wait95 = "lovage_task_wait_seconds";
  assertEquals(
    await value(wait95, 'queue="default",task="fail"', `${wait95}_count`),
    1,
  );
  const age = await value("lovage_queue_oldest_age_seconds", 'queue="slow"');
  assertEquals(age, 0);
});

onMemory("Flower's metrics have its names, types and labels", async (lab) => {
  const app = lab.app();
  const add = app.task("add", (a: number, b: number) => a + b);
  await lab.worker(app, { hostname: "w@lab" });
  await (await add.delay(1, 2)).get({ timeout: PATIENCE });
  await using client = new Client(app);
  const metrics = await scrape(client);
  const wanted: [string, string, string[]][] = [
    ["flower_events_total", "counter", ["worker", "type", "task"]],
    ["flower_task_runtime_seconds", "histogram", ["worker", "task", "le"]],
    ["flower_task_prefetch_time_seconds", "gauge", ["worker", "task"]],
    ["flower_worker_prefetched_tasks", "gauge", ["worker", "task"]],
    ["flower_worker_online", "gauge", ["worker"]],
    [
      "flower_worker_number_of_currently_executing_tasks",
      "gauge",
      ["worker"],
    ],
  ];
  for (const [name, type, labels] of wanted) {
    const metric = metrics.get(name);
    assertEquals(metric?.type, type, name);
    const [first = ""] = metric?.samples.keys() ?? [];
    const found = [...first.matchAll(/(\w+)="/g)].map(([, label]) => label);
    assertEquals(found, labels.toSorted(), name);
  }
});

onMemory("of a worker that was started anew, one is told", async (lab) => {
  const app = lab.app();
  await lab.worker(app, { hostname: "w@lab" });
  await lab.worker(app, { hostname: "w@lab" });
  await using client = new Client(app);
  const samples = (await scrape(client)).get("flower_worker_online")?.samples;
  assertEquals([...samples ?? []], [[
    'flower_worker_online{worker="w@lab"}',
    1,
  ]]);
});

Deno.test("whatever labels and values are, the text can be read", () => {
  const out = new Exposition();
  const odd = 'a"b\\c\nd,e="f"} 1';
  out.add("x_total", "counter", "Odd\nhelp \\", [[{ label: odd }, 1e21]]);
  out.add("empty", "gauge", "Nothing", []);
  const metrics = parse(out.toString());
  assertEquals([...metrics.get("x_total")?.samples.values() ?? []], [1e21]);
  for (const wrong of ["x 1\n", "# HELP x y\n# TYPE x gauge\nx one\n"]) {
    assertThrows(() => parse(wrong));
  }
  assert(metrics.has("empty"));
});
