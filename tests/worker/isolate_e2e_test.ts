import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  Reject,
  SoftTimeLimitExceeded,
  TaskRevokedError,
  TimeLimitExceeded,
  ValidationError,
  WorkerLostError,
} from "@lovage/lovage";
import * as tasks from "./fixtures/isolated_app.ts";
import { type Lab, nextEvent, onSqlite, PATIENCE, until } from "../_helpers.ts";

const { app } = tasks;
const get = { timeout: PATIENCE } as const;

interface Where {
  /** The URL of the result backend, where that is another store. */
  readonly resultBackend?: (lab: Lab) => string;
}

/** A test with a worker that runs the tasks of the fixture in isolates. */
function inIsolates(
  name: string,
  test: (lab: Lab) => Promise<void>,
  { resultBackend = ({ url }) => url }: Where = {},
): void {
  onSqlite(name, async (lab) => {
    app.configure({
      brokerUrl: lab.url,
      resultBackend: resultBackend(lab),
    });
    await using _app = app;
    await using _worker = await app.worker({
      pool: "isolate",
      module: new URL("./fixtures/isolated_app.ts", import.meta.url).href,
      concurrency: 2,
      hostname: "isolates@here",
    });
    await test(lab);
  });
}

inIsolates("tasks run in isolates as they do elsewhere", async () => {
  const sum = await tasks.add.delay(40, new Date(2));
  assertEquals(await sum.get(get), new Date(42));
  assertEquals((await sum.inspect()).worker, "isolates@here");

  const retried = await tasks.retried.delay();
  assertEquals(await retried.get(get), 2);

  const failed = await tasks.fails.delay();
  const error = await assertRejects(() => failed.get(get), RangeError, "bad");
  assert((error.cause as Error).stack?.includes("failsRemotely"));

  const rejected = await tasks.rejected.delay();
  await assertRejects(() => rejected.get(get), Reject, "not for me");

  const checked = await tasks.checked.delay("  trimmed ");
  assertEquals(await checked.get(get), "trimmed");
  await assertRejects(
    () => app.sendTask("checked", [1]),
    ValidationError,
  );
});

inIsolates("a task in an isolate sends tasks and waits for them", async () => {
  const result = await tasks.parent.delay();
  const { child, sum } = await result.get(get);
  assertEquals(sum, new Date(2));
  assertEquals((await result.children()).map(({ id }) => id), [child]);
});

inIsolates("an isolate tells of itself before its first task", async () => {
  const result = await tasks.initialised.delay();
  assertEquals(await result.get(get), ["isolates@here"]);
});

inIsolates(
  "limits hold in a busy loop, and other tasks do not suffer",
  async () => {
    const failure = nextEvent(app, "taskFailure");
    const away = await tasks.runsAway.delay();
    const heeds = await tasks.heeds.delay();
    await assertRejects(() => heeds.get(get), SoftTimeLimitExceeded);
    await assertRejects(() => away.get(get), TimeLimitExceeded, "200 ms");
    assertEquals((await failure).taskId, away.id);
    const after = await tasks.add.delay(1, new Date(1));
    assertEquals(await after.get(get), new Date(2));
  },
);

inIsolates(
  "a running task shows its progress and can be revoked, softly or by force",
  async () => {
    for (const terminate of [false, true]) {
      const result = await tasks.progress.delay();
      await until(async () => await result.state() === "PROGRESS", "PROGRESS");
      assertEquals(await result.info(), { hostname: "isolates@here" });
      const revoked = nextEvent(app, "taskRevoked");
      await result.revoke({ terminate });
      await assertRejects(() => result.get(get), TaskRevokedError);
      assertEquals((await revoked).terminated, terminate);
    }
  },
);

inIsolates(
  "tasks reach the result backend where it is another store than the broker",
  async (lab) => {
    const result = await tasks.parent.delay();
    assertEquals((await result.get(get)).sum, new Date(2));

    const shows = await tasks.progress.delay();
    await until(async () => await shows.state() === "PROGRESS", "PROGRESS");
    assertEquals(await shows.info(), { hostname: "isolates@here" });
    const revoker = await tasks.revokes.delay(shows.id);
    await revoker.get(get);
    await assertRejects(() => shows.get(get), TaskRevokedError);

    const later = await tasks.add.applyAsync([1, new Date(1)], {
      countdown: "1h",
    });
    const again = await tasks.revokes.delay(later.id);
    await again.get(get);
    await assertRejects(() => later.get(get), TaskRevokedError);

    // Nothing of it is where tasks only wait.
    const store = await lab.store();
    assertEquals(await store.results.fetch([shows.id, later.id]), [
      undefined,
      undefined,
    ]);
  },
  { resultBackend: ({ url }) => url.replace(/\.db$/, "-results.db") },
);

inIsolates("a task that exits fails alone, and is told of", async () => {
  const failure = nextEvent(app, "taskFailure");
  const exits = await tasks.exits.delay();
  await assertRejects(() => exits.get(get), WorkerLostError);
  assertEquals((await failure).taskId, exits.id);
  const said = (await app.explain(exits.id)).sentences.join("\n");
  assertMatch(
    said,
    /with WorkerLostError: .* the task called Deno\.exit\(3\)$/m,
  );
  assertMatch(said, /^It ran for \S+ in worker isolates@here$/m);
  const after = await tasks.add.delay(1, new Date(1));
  assertEquals(await after.get(get), new Date(2));
});

inIsolates("with rejectOnWorkerLost it runs again, as a loss", async () => {
  const exits = await tasks.exitsOnce.delay();
  assertEquals(await exits.get(get), 1);
});

inIsolates("events of their own come from isolates, in order", async () => {
  await using stream = await app.events.stream();
  const events = stream[Symbol.asyncIterator]();
  // By then the worker has heard that somebody watches.
  while ((await events.next()).value?.type !== "worker-online");
  const { id } = await tasks.tells.delay(3);
  const told: unknown[] = [];
  for (;;) {
    const event = (await events.next()).value;
    if (event?.uuid === id) told.push(event.fields?.["done"] ?? event.type);
    if (event === undefined || event.type === "task-succeeded") break;
  }
  assertEquals(told, [
    ...["task-received", "task-started", 1, 2, 3, "task-succeeded"],
  ]);
});
