/**
 * The scripts that people have for Flower, against workers that run, on every
 * store, with a password: what they read is there, and is of the kind that
 * Flower answers.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { group } from "@lovage/lovage";
import { type Lab, onMemory, PATIENCE, until } from "../_helpers.ts";
import { everyStore, Held, type Place } from "../control/_stores.ts";
import { Client } from "./_client.ts";

type Json = Record<string, unknown>;

const AUTH = {
  authorization: `Basic ${btoa("admin:s3cret")}`,
  "content-type": "application/json",
};

/** What a script has: a base URL, a session with a password, and JSON. */
class Script {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async get(path: string): Promise<Json> {
    const response = await this.#client.hold(path, { headers: AUTH });
    assertEquals(response.status, 200, path);
    return await response.json();
  }

  async post(path: string, body?: Json): Promise<Json> {
    const response = await this.#client.hold(path, {
      method: "POST",
      headers: AUTH,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assertEquals(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  }
}

/** What Flower's documentation shows of a task, each of this type or null. */
const TASK: Readonly<Record<string, string>> = {
  ...{ uuid: "string", name: "string", state: "string", args: "string" },
  ...{ kwargs: "string", result: "string", exception: "string" },
  ...{ traceback: "string", worker: "string", retries: "number" },
  ...{ eta: "string", expires: "string", sent: "number" },
  ...{ received: "number", started: "number", succeeded: "number" },
  ...{ failed: "number", retried: "number", revoked: "number" },
  ...{ rejected: "number", runtime: "number", timestamp: "number" },
  ...{ exchange: "string", routing_key: "string", client: "string" },
  ...{ root: "string", root_id: "string", parent: "string" },
  ...{ parent_id: "string", children: "object", clock: "number" },
};

function assertTask(task: unknown): asserts task is Json {
  const all = task as Json;
  assertEquals(Object.keys(all).sort(), Object.keys(TASK).sort());
  for (const [name, type] of Object.entries(TASK)) {
    const value = all[name];
    assert(value === null || typeof value === type, `${name}: ${value}`);
  }
}

everyStore()("a script for Flower goes on working", run);

async function run(place: Place): Promise<void> {
  const app = place.app({ resultExtended: true });
  const held = new Held();
  const add = app.task("tasks.add", (a: number, b: number) => a + b);
  app.task("tasks.fail", () => {
    throw new TypeError("No such address");
  });
  app.task("tasks.hold", held.task);
  app.task("tasks.all", { bind: true }, async (self) => {
    await group([add.s(1, 1), add.s(2, 2)]).delay();
    return self.request.id;
  });
  const worker = await place.worker(app, {
    hostname: "celery@worker1",
    concurrency: 2,
  });
  await using client = new Client(app, { basicAuth: { admin: "s3cret" } });
  const refused = await client.ask("/api/workers");
  assertEquals(refused.status, 401);
  await refused.body?.cancel();
  const unknown = await client.hold("/api/worker/shutdown/none", {
    method: "POST",
    headers: AUTH,
  });
  assertEquals(unknown.status, 404);
  await unknown.body?.cancel();
  const script = new Script(client);
  await steerWorker(script);
  await sendTasks(script);
  await revokeTasks(script, held);
  assertEquals(await script.post("/api/worker/shutdown/celery@worker1"), {
    message: "Shutting down!",
  });
  await worker.stop();
  const status = await script.get("/api/workers?status=1");
  assertEquals(Object.values(status).filter((online) => online), []);
}

async function steerWorker(script: Script): Promise<void> {
  assertEquals(await script.get("/api/workers?status=true"), {
    "celery@worker1": true,
  });
  const order = (path: string, said: string) =>
    script.post(`/api/worker/${path.replace("W", "celery@worker1")}`)
      .then(({ message }) => assertEquals(message, said));
  await order("pool/grow/W?n=3", "Growing 'celery@worker1' worker's pool by 3");
  await order("pool/shrink/W", "Shrinking 'celery@worker1' worker's pool by 1");
  await order("queue/add-consumer/W?queue=mail", "add consumer mail");
  await order(
    "queue/cancel-consumer/W?queue=mail",
    "no longer consuming from mail",
  );
  const workers = await script.get("/api/workers?refresh=1");
  const worker = workers["celery@worker1"] as Json;
  assertEquals(
    Object.keys(worker).sort(),
    [
      ...["active", "active_queues", "conf", "registered", "reserved"],
      ...["revoked", "scheduled", "stats", "timestamp"],
    ],
  );
  const stats = worker["stats"] as Json;
  assertEquals((stats["pool"] as Json)["max-concurrency"], 4);
  assertEquals((stats["pool"] as Json)["max-tasks-per-child"], "N/A");
  assert(Number(stats["pid"]) > 0 && Number(stats["prefetch_count"]) > 0);
  assertEquals(worker["active_queues"], [
    { name: "default", routing_key: "default" },
  ]);
  const about = "workername=celery@worker1";
  for (
    const path of [
      `rate-limit/tasks.add?ratelimit=200/m&${about}`,
      `timeout/tasks.add?soft=10&hard=20&${about}`,
    ]
  ) {
    const { message } = await script.post(`/api/task/${path}`);
    assertMatch(String(message), /tasks.add/);
  }
}

async function sendTasks(script: Script): Promise<void> {
  const applied = await script.post("/api/task/apply/tasks.add", {
    args: [1, 2],
  });
  assertEquals([applied["state"], applied["result"]], ["SUCCESS", 3]);
  const sent = await script.post("/api/task/async-apply/tasks.add", {
    args: [3, 4],
    queue: "default",
    countdown: 0.01,
    expires: 60,
  });
  assertEquals(Object.keys(sent).sort(), ["state", "task-id"]);
  const id = String(sent["task-id"]);
  assertEquals(await script.get(`/api/task/result/${id}?timeout=10`), {
    "task-id": id,
    state: "SUCCESS",
    result: 7,
  });
  const { "task-id": lost } = await script.post(
    "/api/task/send-task/tasks.fail",
  );
  const failure = await script.get(`/api/task/result/${lost}?timeout=10`);
  assertEquals(failure["result"], "TypeError: No such address");
  assertMatch(String(failure["traceback"]), /flower_test.ts/);
  const info = await script.get(`/api/task/info/${id}`);
  assertTask(info);
  assertEquals([info["args"], info["worker"]], ["[3,4]", "celery@worker1"]);
  const { sent: at, started, succeeded, runtime } = info;
  assert(Number(at) <= Number(started) && started! <= succeeded!);
  assert(Math.abs(Number(at) - Date.now() / 1_000) < 60);
  assert(Number(runtime) < 10);
  const tasks = await script.get(
    "/api/tasks?limit=10&state=SUCCESS&taskname=tasks.add&sort_by=-started",
  );
  Object.values(tasks).forEach(assertTask);
  assertEquals(Object.keys(tasks), [id, applied["task-id"]]);
  const next = await script.get("/api/tasks?limit=1&offset=1&state=SUCCESS");
  assertEquals(Object.keys(next), [applied["task-id"]]);
  const found = await script.get("/api/tasks?search=no%20such%20address");
  assertEquals(Object.keys(found), [lost]);
  assertEquals(
    await script.get("/api/tasks?received_start=2200-01-01 00:00"),
    {},
  );
  const types = (await script.get("/api/task/types"))["task-types"] as string[];
  assert(types.includes("tasks.add") && types.includes("tasks.fail"));
  const { "task-id": parent } = await script.post("/api/task/apply/tasks.all");
  const { children } = await script.get(`/api/task/info/${parent}`);
  assertEquals((children as string[]).length, 2);
  const child = await script.get(`/api/task/info/${(children as string[])[0]}`);
  assertEquals(child["parent_id"], parent);
  const list = await script.get("/api/tasks?taskname=tasks.all");
  assertEquals((list[String(parent)] as Json)["children"], children);
}

async function revokeTasks(script: Script, held: Held): Promise<void> {
  const send = async (args: unknown[], more: Json = {}) => {
    const path = "/api/task/async-apply/tasks.hold";
    return String((await script.post(path, { args, ...more }))["task-id"]);
  };
  const waiting = await send(["a"], { queue: "aside" });
  const lengths = async () =>
    (await script.get("/api/queues/length"))["active_queues"] as Json[];
  await until(
    async () =>
      (await lengths()).some(({ name, messages }) =>
        name === "aside" && messages === 1
      ),
    "the length of the queue",
  );
  assertEquals(await script.post(`/api/task/revoke/${waiting}`), {
    message: `Revoked '${waiting}'`,
  });
  assertEquals(
    (await script.get(`/api/task/result/${waiting}`))["state"],
    "REVOKED",
  );
  const running = await send(["b"]);
  await until(() => held.running.has("b"), "the running task");
  const workers = await script.get("/api/workers?workername=celery@worker1");
  const [active] = (workers["celery@worker1"] as Json)["active"] as Json[];
  assertEquals([active?.["id"], active?.["name"]], [running, "tasks.hold"]);
  assert(Math.abs(Number(active?.["time_start"]) - Date.now() / 1_000) < 60);
  await script.post(
    `/api/task/revoke/${running}?terminate=true&signal=SIGTERM`,
  );
  const result = await script.get(`/api/task/result/${running}?timeout=10`);
  assertEquals(result["state"], "REVOKED");
  held.release("b");
}

onMemory(
  "a signal is honoured, or refused where it cannot be",
  async (lab: Lab) => {
    const app = lab.app();
    const held = new Held();
    const aborted: string[] = [];
    const hold = app.task(
      "hold",
      { bind: true },
      async (self, name: string) => {
        self.signal.addEventListener("abort", () => {
          aborted.push(name);
          held.release(name);
        });
        await held.task(name);
        return name;
      },
    );
    await lab.worker(app, { hostname: "w@lab", concurrency: 4 });
    await using client = new Client(app);
    const revoke = async (id: string, query: string) =>
      await client.post(`/api/task/revoke/${id}?${query}`);
    const run = async (taskId: string) => {
      const result = await hold.applyAsync([taskId], { taskId });
      await until(() => held.running.has(taskId), taskId);
      return result;
    };
    const [status, { error }] = await revoke("x", "terminate=1&signal=SIGHUP");
    assertEquals(status, 400);
    assertStringIncludes(
      String(error),
      '"signal" must be one of SIGINT, SIGUSR1, SIGTERM, SIGQUIT, SIGKILL, not "SIGHUP"',
    );
    // Asked to stop, it ends as it likes.
    const asked = await run("asked");
    assertEquals((await revoke("asked", "terminate=1&signal=SIGINT"))[0], 200);
    await until(() => aborted.includes("asked"), "the signal of the task");
    await asked.get({ timeout: PATIENCE }).catch(() => {});
    const killed = await run("killed");
    const [refused, why] = await revoke("killed", "terminate=1&signal=9");
    assertEquals(refused, 409);
    assertStringIncludes(String(why["error"]), 'event loop (pool "async")');
    assert(!aborted.includes("killed"));
    assertEquals(
      (await revoke("killed", "terminate=1&signal=sigterm"))[0],
      200,
    );
    await killed.get({ timeout: PATIENCE }).catch(() => {});
    assertEquals(await killed.state(), "REVOKED");
    held.release("killed");
  },
);

onMemory("lists go on where a page ends", async (lab: Lab) => {
  const app = lab.app();
  const add = app.task("add", (a: number, b: number) => a + b);
  await lab.worker(app);
  const sent = await app.sendMany(
    Array.from({ length: 1_200 }, (_, at) => add.s(at, at)),
  );
  for (const each of sent) await each.get({ timeout: PATIENCE });
  await using client = new Client(app);
  const seen = new Set<string>();
  for (let offset = 0; offset < 1_500; offset += 500) {
    const page = await client.json(`/api/tasks?limit=500&offset=${offset}`);
    for (const id of Object.keys(page)) seen.add(id);
  }
  assertEquals(seen.size, 1_200);
  const all = await client.json("/api/tasks?limit=5000");
  assertEquals(Object.keys(all).length, 1_200);
  const far = await client.hold("/api/tasks?offset=100000");
  assertEquals(far.status, 400);
  assertStringIncludes(await far.text(), "narrow it down");
});
