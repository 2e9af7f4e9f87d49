/**
 * The dashboard's API on every store, with workers that run.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { chain, chord } from "@lovage/lovage";
import type {
  QueueRow,
  WorkerDetail,
} from "../../src/dashboard/data/types/fleet.ts";
import type {
  History,
  Overview,
} from "../../src/dashboard/data/types/overview.ts";
import type {
  TaskDetail,
  TaskPage,
} from "../../src/dashboard/data/types/tasks.ts";
import type { TaskTree } from "../../src/dashboard/data/types/tree.ts";
import { PATIENCE, until } from "../_helpers.ts";
import { everyStore, Held, type Place } from "../control/_stores.ts";
import { Client } from "./_client.ts";

const test = everyStore();

/** Tasks that succeed, that fail, and that wait to be told. */
function define(place: Place) {
  const app = place.app();
  const held = new Held();
  return {
    app,
    held,
    add: app.task("math.add", (a: number, b: number) => a + b),
    fail: app.task("mail.send", { queue: "mail" }, (to: string) => {
      throw new TypeError(`No such Address: ${to}`);
    }),
    wait: app.task("hold", held.task),
  };
}

async function tasks(client: Client, query: string): Promise<TaskPage> {
  return await client.json<TaskPage>(`/api/v1/tasks?${query}`);
}

const idsOf = ({ tasks }: TaskPage) => tasks.map(({ id }) => id);

test("tasks are found by whatever is known of them", async (place) => {
  const { app, held, add, fail, wait } = define(place);
  await place.worker(app, { hostname: "w1@lab", queues: ["default", "mail"] });
  const sum = await add.applyAsync([1, 2], { taskId: "sum" });
  await sum.get({ timeout: PATIENCE });
  const lost = await fail.applyAsync(["nobody@example.com"], {
    taskId: "lost",
  });
  await lost.get({ timeout: PATIENCE }).catch(() => {});
  await add.applyAsync([3, 4], { taskId: "later", countdown: 1_000 });
  await wait.applyAsync(["a"], { taskId: "held" });
  await until(() => held.running.has("a"), "the held task");
  await using client = new Client(app);
  const found: [string, string[]][] = [
    ["", ["lost", "sum"]],
    ["state=SUCCESS", ["sum"]],
    ["state=FAILURE", ["lost"]],
    ["state=SCHEDULED", ["later"]],
    ["state=RECEIVED,STARTED", ["held"]],
    ["state=FAILURE,SUCCESS", ["lost", "sum"]],
    ["name=math.add&state=SCHEDULED", ["later"]],
    ["name=mail.*", ["lost"]],
    ["queue=mail", ["lost"]],
    ["queue=default", ["sum"]],
    ["worker=w1@lab", ["lost", "sum"]],
    ["worker=other", []],
    ["id=held", ["held"]],
    ["text=no%20SUCH%20address", ["lost"]],
    ["text=nobody@example", ["lost"]],
    ["text=.*", []],
    ["sort=name&direction=asc", ["lost", "sum"]],
    ["sort=name&direction=desc", ["sum", "lost"]],
    [`since=${Date.now() + 60_000}`, []],
    [`until=${Date.now() + 60_000}`, ["lost", "sum"]],
  ];
  for (const [query, expected] of found) {
    assertEquals(idsOf(await tasks(client, query)), expected, query);
  }
  const detail = await client.json<TaskDetail>("/api/v1/tasks/lost");
  assertEquals(detail.argsJson, '["nobody@example.com"]');
  assertEquals(detail.failure?.name, "TypeError");
  assertStringIncludes(detail.failure?.stack ?? "", "api_test.ts");
  assertEquals(detail.timeline.at(-1)?.state, "FAILURE");
  assertEquals(detail.can, {
    retry: true,
    rerun: false,
    revoke: false,
    terminate: false,
  });
  const running = await client.json<TaskDetail>("/api/v1/tasks/held");
  assertEquals([running.worker, running.can.terminate], ["w1@lab", true]);
  const none = await client.ask("/api/v1/tasks/none");
  assertEquals(none.status, 404);
  await none.body?.cancel();
  held.release("a");
});

test("pages of tasks lead through all of them", async (place) => {
  const { app, add } = define(place);
  await place.worker(app);
  const sent = await app.sendMany(
    Array.from({ length: 25 }, (_, at) => add.s(at, at)),
  );
  for (const each of sent) await each.get({ timeout: PATIENCE });
  await using client = new Client(app);
  for (const query of ["limit=10", "limit=10&name=math.*"]) {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const after: string = cursor === ""
        ? ""
        : `&cursor=${encodeURIComponent(cursor)}`;
      const page: TaskPage = await tasks(client, query + after);
      seen.push(...idsOf(page));
      cursor = page.cursor;
    }
    assertEquals(seen.toSorted(), sent.map(({ id }) => id).toSorted(), query);
  }
  const unsorted = await client.ask("/api/v1/tasks?limit=10&sort=id");
  assertEquals(unsorted.status, 400);
  await unsorted.body?.cancel();
});

test("queues and workers are shown, and what is done to them", async (place) => {
  const { app, add } = define(place);
  await place.worker(app, { hostname: "w1@lab", concurrency: 3 });
  await using client = new Client(app);
  const queue = async (name: string) =>
    (await client.json<readonly QueueRow[]>("/api/v1/queues"))
      .find((each) => each.name === name);
  assertEquals((await queue("default"))?.consumers, ["w1@lab"]);
  assertEquals((await client.act("queues.pause", { queue: "mail" }))[0], 200);
  const options = { queue: "mail" } as const;
  await add.applyAsync([1, 1], options);
  await add.applyAsync([1, 1], { ...options, countdown: 100 });
  await until(async () => (await queue("mail"))?.queued === 1, "the queue");
  const mail = await queue("mail");
  assertEquals([mail?.paused, mail?.scheduled, mail?.consumers], [true, 1, []]);
  assert(mail?.oldestAge !== null && (mail?.oldestAge ?? 0) >= 0);
  const [refused] = await client.act("queues.purge", {
    queue: "mail",
    confirm: "mali",
  });
  assertEquals(refused, 409);
  const purge = { queue: "mail", confirm: "mail" };
  const [, said] = await client.act("queues.purge", purge);
  assertEquals(said["purged"], 2);
  const [, grown] = await client.act("workers.grow", {
    worker: "w1@lab",
    n: "2",
  });
  assertEquals(grown["ok"], true);
  const worker = await client.json<WorkerDetail>("/api/v1/workers/w1%40lab");
  assertEquals([worker.online, worker.concurrency], [true, 5]);
  assertEquals(worker.registered.length, 3);
  assert((worker.rss ?? 0) > 1_000_000);
  const [status] = await client.act("workers.shrink", {
    worker: "w1@lab",
    n: 100,
  });
  assertEquals(status, 409);
});

test("what has failed is sent again, and canvases are shown", async (place) => {
  const app = place.app();
  let works = false;
  const flaky = app.task("flaky", (value: number) => {
    if (!works) throw new RangeError("Not yet");
    return value;
  });
  const add = app.task("math.add", (a: number, b: number) => a + b);
  const sum = app.task(
    "math.sum",
    (all: number[]) => all.reduce((a, b) => a + b),
  );
  await place.worker(app);
  const result = await flaky.applyAsync([7], { taskId: "f" });
  await result.get({ timeout: PATIENCE }).catch(() => {});
  works = true;
  await using client = new Client(app);
  const [status, said] = await client.act("tasks.retry", { id: "f" });
  assertEquals([status, said["sent"]], [200, ["f"]]);
  const again = app.AsyncResult("f");
  assertEquals(await again.get({ timeout: PATIENCE }), 7);
  const [twice] = await client.act("tasks.retry", { id: "f" });
  assertEquals(twice, 409);
  const last = await chain(add.s(1, 2), add.s(3)).delay();
  assertEquals(await last.get({ timeout: PATIENCE }), 6);
  const { tree } = await client.json<TaskTree>(
    `/api/v1/tasks/${last.id}/tree`,
  );
  const [root] = tree;
  assertEquals(root?.children.map(({ id }) => id), [last.id]);
  const total = await chord([add.s(1, 2), add.s(3, 4)], sum.s()).delay();
  assertEquals(await total.get({ timeout: PATIENCE }), 10);
  const both = await client.json<TaskTree>(`/api/v1/tasks/${total.id}/tree`);
  assertEquals(
    both.tree[0]?.children.map((each) =>
      each.kind === "task" ? [each.name, each.body] : []
    ),
    [["math.add", false], ["math.add", false], ["math.sum", true]],
  );
  const page = await (await client.ask(`/tasks/${total.id}`)).text();
  assertMatch(page, />\s*2 success[^]*math\.sum<[^]*>\s*body\s*</);
});

test("waiting tasks are revoked, several at once", async (place) => {
  const { app, add } = define(place);
  await add.applyAsync([1, 1], { taskId: "a" });
  await add.applyAsync([1, 1], { taskId: "b" });
  await using client = new Client(app);
  const [, said] = await client.act("tasks.revoke", { id: ["a", "b", "c"] });
  assertEquals(said["outcomes"], { a: "removed", b: "removed", c: "unknown" });
  assertEquals(idsOf(await tasks(client, "state=REVOKED")).toSorted(), [
    "a",
    "b",
  ]);
});

test("the history outlives the workers that have counted", async (place) => {
  const { app, add, fail } = define(place);
  const worker = await place.worker(app, { queues: ["default", "mail"] });
  for (let at = 0; at < 3; at++) {
    await (await add.delay(at, at)).get({ timeout: PATIENCE });
  }
  await (await fail.delay("x")).get({ timeout: PATIENCE }).catch(() => {});
  await worker.stop();
  await using client = new Client(place.app());
  const sum = async (query: string) => {
    const { points } = await client.json<History>(`/api/v1/history?${query}`);
    return [
      points.reduce((total, point) => total + point.succeeded, 0),
      points.reduce((total, point) => total + point.failed, 0),
    ];
  };
  assertEquals(await sum(""), [3, 1]);
  assertEquals(await sum("span=86400000"), [3, 1]);
  assertEquals(await sum("queue=mail"), [0, 1]);
  assertEquals(await sum("task=math.add"), [3, 0]);
  const overview = await client.json<Overview>("/api/v1/overview");
  assertEquals(overview.failures.map(({ name }) => name), ["mail.send"]);
  assertEquals(overview.counts.states?.["SUCCESS"], 3);
});

test("schedules are made, tried, run and removed", async (place) => {
  const { app } = define(place);
  await place.worker(app);
  await using client = new Client(app);
  const [bad, why] = await client.act("schedules.create", {
    name: "n",
    task: "math.add",
    args: "[1, 2",
    schedule: "5m",
  });
  assertEquals(bad, 400);
  assertStringIncludes(String(why["error"]), "must be a JSON array");
  const [made] = await client.act("schedules.create", {
    name: "n",
    task: "math.add",
    args: "[1, 2]",
    schedule: "*/5 * * * *",
    timezone: "Europe/Berlin",
  });
  assertEquals(made, 200);
  const [ran, { id }] = await client.act("schedules.run", { name: "n" });
  assertEquals(ran, 200);
  const result = app.AsyncResult<number>(String(id));
  assertEquals(await result.get({ timeout: PATIENCE }), 3);
  await client.act("schedules.disable", { name: "n" });
  const { schedules } = await client.json<
    { schedules: readonly { name: string; enabled: boolean }[] }
  >("/api/v1/schedules");
  assertEquals(schedules.map(({ enabled }) => enabled), [false]);
  const { next } = await client.json<{ next: readonly number[] }>(
    "/api/v1/schedules/n",
  );
  assertEquals(next.length, 10);
  const preview = await client.json<{ error: string | null }>(
    "/api/v1/preview?schedule=61%20*%20*%20*%20*",
  );
  assert(preview.error !== null);
  assertEquals((await client.act("schedules.remove", { name: "n" }))[0], 200);
});
