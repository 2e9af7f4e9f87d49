/** What pages say of what runs, waits and needs attention. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Overview } from "../../src/dashboard/data/types/overview.ts";
import type { TaskDetail } from "../../src/dashboard/data/types/tasks.ts";
import { internalsOf } from "../../src/internals.ts";
import {
  type Lab,
  nextEvent,
  onEachStore,
  rawMessage,
  until,
} from "../_helpers.ts";
import { Client } from "./_client.ts";

async function textOf(client: Client, path: string): Promise<string> {
  const response = await client.ask(path);
  assertEquals(response.status, 200, path);
  return (await response.text()).replaceAll(/\s+/g, " ");
}

onEachStore("what runs says since when, also untracked", async (lab: Lab) => {
  const app = lab.app();
  const gate = Promise.withResolvers<void>();
  const hold = app.task("hold", () => gate.promise);
  await lab.worker(app, { hostname: "one@box" });
  await using client = new Client(app);
  const started = nextEvent(app, "taskPrerun");
  const before = Date.now();
  const result = await hold.applyAsync([], { taskId: "h" });
  await started;
  const { running } = await client.json<Overview>("/api/v1/overview");
  const [row] = running;
  const at = row?.startedAt ?? 0;
  assertEquals([row?.id, row?.state], ["h", "STARTED"]);
  assert(at >= before - 1_000 && at <= Date.now(), `it began at ${at}`);
  const detail = await client.json<TaskDetail>("/api/v1/tasks/h");
  assertEquals(detail.startedAt, at);
  for (const path of ["/", "/tasks?state=STARTED,RECEIVED"]) {
    assert((await textOf(client, path)).includes(`at="${at}" as="since"`));
  }
  gate.resolve();
  await result.get({ timeout: "10s" });
});

onEachStore("what needs attention leads to where it is seen", async (lab) => {
  const app = lab.app();
  const mail = app.task("mail", () => 1);
  await mail.applyAsync([], { queue: "nobody" });
  await app.schedules.add("s", { task: "mail", schedule: "1h" });
  await lab.worker(app);
  const { broker } = await internalsOf(app).stores.open();
  await broker.broker.publish([rawMessage("{", { id: "d", task: "broken" })]);
  await until(
    async () => (await broker.deadLetters.list({ limit: 1 })).items.length > 0,
    "the dead letter",
  );
  await using client = new Client(app);
  const page = await textOf(client, "/");
  const links = [...page.matchAll(/<a href="([^"]+)" aria-label="Look/g)]
    .map(([, href = ""]) => href);
  assertEquals(links.toSorted(), ["/dead", "/queues/nobody", "/schedules"]);
  for (const link of links) await textOf(client, link);
});

onEachStore("a task says which gate holds it", async (lab) => {
  const app = lab.app();
  const mail = app.task("mail", () => 1);
  await lab.worker(app);
  await mail.applyAsync([], { queue: "nobody", taskId: "n" });
  await using client = new Client(app);
  const page = await textOf(client, "/tasks/n");
  const gates = page.slice(page.indexOf('class="gates"'));
  assertMatch(gates, /^class="gates"> ?<li class="blocks">/);
  assertMatch(gates, /Holds it: ?<\/span>.*?No live worker serves/);
  assertMatch(gates, /<li class="passes">/);
});

onEachStore("a sorted list says that it is not all", async (lab) => {
  const app = lab.app();
  await using client = new Client(app);
  const { backend } = await internalsOf(app).stores.open();
  await backend.results.store(
    Array.from({ length: 1_001 }, (_, at) => ({
      id: `r${at}`,
      state: "SUCCESS",
      ended: true,
      task: "t",
      worker: null,
      updatedAt: Date.now() - at,
      expiresAt: null,
      value: "1",
      error: null,
      meta: "{}",
    })),
  );
  const sorted = await textOf(client, "/tasks?sort=runtime");
  assertMatch(sorted, /Not all tasks are sorted/);
  assertMatch(sorted, /<a href="\/tasks">sort it by time<\/a>/);
  assert(!(await textOf(client, "/tasks")).includes("Not all tasks"));
});

onEachStore(
  "what a worker has ended is counted where it is shown",
  async (lab) => {
    const app = lab.app({ workerLease: "1s" });
    const add = app.task("add", (a: number, b: number) => a + b);
    const fail = app.task("fail", () => {
      throw new RangeError("no");
    });
    const worker = await lab.worker(app, { hostname: "one@box" });
    const results = [await add.delay(1, 2), await add.delay(1, 2)];
    const failed = await fail.applyAsync([], { taskId: "f" });
    for (const each of [...results, failed]) {
      await each.get({ timeout: "10s", propagate: false });
    }
    await using client = new Client(app);
    await until(async () => {
      const { workers } = await client.json<Overview>("/api/v1/overview");
      return workers[0]?.ended["failure"] === 1;
    }, "the heartbeat");
    assertMatch(
      await textOf(client, "/workers"),
      /"Succeeded"> ?2 ?<.*"Failed"> ?1 ?</,
    );
    assertMatch(
      await textOf(client, "/workers/one@box"),
      /Succeeded ?<.*?> ?2 ?<.*?Failed ?<.*?> ?1 ?</,
    );
    await worker.stop();
    // It has only begun: nobody has to wait for whole minutes.
    await until(async () => {
      const { totals } = await client.json<Overview>("/api/v1/overview");
      return (totals.succeededRate ?? 0) > 0;
    }, "the rate");
    const page = await textOf(client, "/tasks/f");
    const gates = page.slice(page.indexOf('class="gates"'));
    assertMatch(
      gates,
      /^class="gates"> ?<li> ?<span class="point".*?It has failed/,
    );
  },
);
