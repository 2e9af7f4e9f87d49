/**
 * The OpenAPI document: it is valid, it names every route and no other, and
 * what is answered on every store is what it says.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Validator } from "@seriousme/openapi-schema-validator";
import { chord, group } from "@lovage/lovage";
import { ACTIONS } from "../../src/dashboard/actions/table.ts";
import { makeContext } from "../../src/dashboard/make_context.ts";
import { resolveOptions } from "../../src/dashboard/options.ts";
import { routerOf } from "../../src/dashboard/router.ts";
import { onMemory, PATIENCE, until } from "../_helpers.ts";
import { everyStore, Held } from "../control/_stores.ts";
import { Client } from "./_client.ts";

type Paths = Record<string, Record<string, { operationId: string }>>;

onMemory("the document is valid OpenAPI 3.1", async (lab) => {
  for (const basicAuth of [undefined, { admin: "s3cret" }]) {
    await using client = new Client(lab.app(), { basicAuth });
    const headers = { authorization: `Basic ${btoa("admin:s3cret")}` };
    const response = await client.ask("/api/v1/openapi.json", { headers });
    const document = await response.json();
    const { valid, errors } = await new Validator().validate(document);
    assert(valid, JSON.stringify(errors));
    assertEquals(document.openapi, "3.1.0");
    assertEquals(
      Object.keys(document.components.securitySchemes ?? {}),
      basicAuth === undefined ? [] : ["basicAuth"],
    );
    const ids = Object.values(document.paths as Paths)
      .flatMap(Object.values<{ operationId: string }>)
      .map(({ operationId }) => operationId);
    assertEquals(new Set(ids).size, ids.length);
  }
});

onMemory("every route is in the document, and no other", async (lab) => {
  const app = lab.app();
  const options = resolveOptions({ unauthenticated: true });
  const { routes } = routerOf(makeContext(app, options));
  const isForPrograms = (path: string) =>
    path.startsWith("/api/") || ["/metrics", "/healthcheck"].includes(path);
  const mounted = routes
    .filter(({ method, path }) =>
      method !== "ALL" && isForPrograms(path) &&
      (method === "POST" || !path.includes("/actions/"))
    )
    .flatMap(({ method, path }) =>
      path === "/api/v1/actions/:name"
        ? Object.keys(ACTIONS).map((name) =>
          `${method} ${path.replace(":name", name)}`
        )
        : `${method} ${path.replace(/:(\w+)/g, "{$1}")}`
    );
  await using client = new Client(app);
  const { paths } = await client.json<{ paths: Paths }>("/api/v1/openapi.json");
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assertEquals(documented.sort(), mounted.sort());
});

onMemory("what is not described would be found out", async (lab) => {
  await using client = new Client(lab.app());
  const contract = await client.contract();
  const response = await client.ask("/api/v1/queues");
  const [queue] = await response.clone().json();
  const check = (queues: unknown) =>
    contract.check("GET", "/api/v1/queues", response, JSON.stringify(queues));
  check([queue]);
  for (const wrong of [{ ...queue, more: 1 }, { ...queue, queued: "1" }]) {
    let message = "";
    try {
      check([wrong]);
    } catch (error) {
      message = String(error);
    }
    assertStringIncludes(message, "get /api/v1/queues 200");
  }
});

const test = everyStore();

test("every route answers as the document says", async (place) => {
  const app = place.app({ resultExtended: true });
  const held = new Held();
  const add = app.task("add", (a: number, b: number) => a + b);
  const total = app.task("total", (all: readonly number[]) => all.length);
  const fail = app.task("fail", () => {
    throw new TypeError("No", { cause: new RangeError("Because") });
  });
  const wait = app.task("wait", held.task);
  const worker = await place.worker(app, { hostname: "w@lab", concurrency: 4 });
  await place.worker(app, { hostname: "x@lab", queues: ["other"] });
  const body = chord(group([add.s(1, 2), add.s(3, 4)]), total.s());
  const result = await body.delay();
  await result.get({ timeout: PATIENCE });
  const lost = await fail.applyAsync([], { taskId: "lost" });
  await lost.get({ timeout: PATIENCE }).catch(() => {});
  await add.applyAsync([1, 1], { taskId: "later", countdown: 1_000 });
  await add.applyAsync([1, 1], {
    taskId: "aside",
    queue: "aside",
    headers: { a: 1 },
    expires: 3_600,
    priority: 2,
  });
  await wait.applyAsync(["a"], { taskId: "held" });
  await until(() => held.running.has("a"), "the held task");
  await app.schedules.add("daily", {
    task: "add",
    schedule: "0 8 * * *",
    args: [1, 2],
  });
  await using client = new Client(app);
  const gets = [
    ...["overview", "history", "history?span=86400000&task=add", "tasks"],
    ...["tasks?state=SCHEDULED", "tasks?id=held", "tasks?sort=runtime"],
    ...["counts", "names", "queues", "queues/aside", "workers"],
    ...["workers/w%40lab", "schedules", "schedules/daily", "dead"],
    ...["preview?schedule=5m", "preview?schedule=61%20*%20*%20*%20*"],
    ...["openapi.json"],
  ].map((path) => `/api/v1/${path}`);
  for (const id of ["lost", "later", "aside", "held", result.id]) {
    for (const more of ["", "/tree", "/explain"]) {
      gets.push(`/api/v1/tasks/${id}${more}`);
    }
    gets.push(`/api/task/info/${id}`, `/api/task/result/${id}`);
  }
  gets.push("/api/workers", "/api/workers?status=1", "/api/workers?refresh=1");
  gets.push("/api/tasks", "/api/tasks?state=STARTED&sort_by=-received");
  gets.push("/api/task/types", "/api/queues/length", "/metrics");
  gets.push("/healthcheck");
  for (const path of gets) {
    const { status, body } = await client.hold(path);
    await body?.cancel();
    assertEquals(status, 200, path);
  }
  for (const path of ["tasks/none", "queues/none", "workers/none", "dead/x"]) {
    const { status, body } = await client.hold(`/api/v1/${path}`);
    await body?.cancel();
    assertEquals(status, 404, path);
  }
  for (const name of Object.keys(ACTIONS)) {
    const [status] = await client.act(name, { stranger: 1 });
    assertEquals(status, 400, name);
  }
  for (const [name, input] of acts) {
    const [status, said] = await client.act(name, input);
    assertEquals(status, 200, `${name}: ${JSON.stringify(said)}`);
  }
  for (const [path, input] of posts) {
    const [status, said] = await client.post(`/api/${path}`, input);
    assertEquals(status, 200, `${path}: ${JSON.stringify(said)}`);
  }
  held.release("a");
  await worker.stop();
  const { kept } = await client.contract();
  const { paths } = await client.json<{ paths: Paths }>("/api/v1/openapi.json");
  const unasked = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`)
  ).filter((name) => !kept.has(name));
  // The stream does not end, and this pool has no processes to replace.
  assertEquals(unasked.sort(), [
    "get /api/v1/dead/{key}",
    "get /api/v1/stream",
    "post /api/v1/actions/workers.restartPool",
    "post /api/worker/pool/restart/{worker}",
  ]);
});

const acts: readonly (readonly [string, object])[] = [
  ["tasks.send", { task: "add", args: [1, 2], queue: "aside" }],
  ["tasks.revoke", { id: "later" }],
  ["tasks.retry", { id: "lost" }],
  ["tasks.rateLimit", { task: "add", rate: "10/s" }],
  ["tasks.timeLimit", { task: "add", hard: "10" }],
  ["tasks.terminate", { id: "aside" }],
  ["queues.pause", { queue: "aside" }],
  ["queues.resume", { queue: "aside" }],
  ["queues.purge", { queue: "aside", confirm: "aside" }],
  ["workers.grow", { worker: "w@lab", n: 2 }],
  ["workers.shrink", { worker: "w@lab" }],
  ["workers.addConsumer", { worker: "w@lab", queue: "more" }],
  ["workers.cancelConsumer", { worker: "w@lab", queue: "more" }],
  ["schedules.create", { name: "n", task: "add", schedule: "5m" }],
  ["schedules.edit", { name: "n", schedule: "6m" }],
  ["schedules.disable", { name: "n" }],
  ["schedules.enable", { name: "n" }],
  ["schedules.run", { name: "daily" }],
  ["schedules.remove", { name: "n" }],
  ["workers.shutdown", { worker: "x@lab" }],
  ["dead.redrive", { all: true }],
  ["dead.purge", { all: true, confirm: "purge" }],
];

const posts: readonly (readonly [string, object])[] = [
  ["task/apply/add", { args: [1, 2] }],
  ["task/async-apply/add", { args: [1, 2], countdown: 0 }],
  ["task/send-task/unknown", { queue: "aside" }],
  ["task/rate-limit/add?ratelimit=10/m&workername=w@lab", {}],
  ["task/timeout/add?soft=10&hard=20", {}],
  ["task/revoke/later?terminate=1&signal=SIGKILL", {}],
  ["task/abort/later", {}],
  ["worker/pool/grow/w@lab?n=2", {}],
  ["worker/pool/shrink/w@lab", {}],
  ["worker/queue/add-consumer/w@lab?queue=more", {}],
  ["worker/queue/cancel-consumer/w@lab?queue=more", {}],
  ["worker/pool/autoscale/w@lab?min=1&max=4", {}],
  ["worker/shutdown/w@lab", {}],
];
