import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DecodeError } from "@lovage/lovage";
import { DatabaseSync } from "node:sqlite";
import {
  nextEvent,
  onMemory,
  onSqlite,
  PATIENCE,
  rawMessage,
  until,
} from "../_helpers.ts";

const good = {
  v: 1,
  id: "good",
  task: "task",
  args: [],
  retries: 0,
  sentAt: 0,
  rootId: "good",
  queue: "default",
  priority: 4,
};

/** Bodies that no worker can run, and what the dead letter says of each. */
const bad: readonly (readonly [body: string | null, detail: RegExp])[] = [
  ["", /not JSON/],
  ["{", /not JSON/],
  ["null", /must be an envelope/],
  ["[]", /must be an envelope/],
  ['"text"', /must be an envelope/],
  [JSON.stringify({ ...good, v: 99 }), /version 99.*upgrade the worker/],
  [JSON.stringify({ ...good, v: undefined }), /"v" must be 1/],
  [JSON.stringify({ ...good, args: {} }), /"args" must be a list/],
  [JSON.stringify({ ...good, task: "" }), /"task"/],
  [JSON.stringify({ ...good, priority: 10 }), /"priority"/],
  [JSON.stringify({ ...good, expires: "soon" }), /"expires"/],
  [JSON.stringify({ ...good, link: [1] }), /"link\[0\]"/],
  [
    `"${"x".repeat(5_000)}"`,
    /more bytes than taskMaxMessageSize allows \(4000\)/,
  ],
  [null, /not JSON/],
];

onSqlite(
  "whatever is in the table, the worker runs on and says what was wrong",
  async (lab) => {
    const app = lab.app({ taskMaxMessageSize: 4_000 });
    const task = app.task("task", () => "ran");
    const store = await lab.store();
    const db = new DatabaseSync(lab.path);
    const insert = db.prepare(
      "insert into lovage_task (id, task, queue, priority, body) values (?, ?, ?, ?, ?)",
    );
    for (const [index, [body]] of bad.entries()) {
      insert.run(`bad-${index}`, "raw", "default", 4, body);
    }
    db.close();
    const worker = await lab.worker(app);
    const result = await task.delay();
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    await worker.stop();
    const { items } = await store.deadLetters.list({ limit: 99 });
    assertEquals(items.length, bad.length);
    for (const [index, [, detail]] of bad.entries()) {
      const letter = items.find(({ id }) => id === `bad-${index}`);
      assertEquals(letter?.reason, "DecodeError");
      assertMatch(letter?.detail ?? "", detail);
      // Whoever waits for such a task is told as well.
      await assertRejects(
        () => app.AsyncResult(`bad-${index}`).get({ timeout: PATIENCE }),
        DecodeError,
      );
    }
    assertEquals(await store.inspector.queues(), []);
  },
);

onSqlite(
  "rows with columns of any kind neither stop the worker nor stay",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", () => "ran");
    const store = await lab.store();
    const db = new DatabaseSync(lab.path);
    const insert = db.prepare(
      "insert into lovage_task (id, task, queue, priority, eta, losses, body) values (?, ?, 'default', ?, ?, ?, ?)",
    );
    insert.run("a", null, null, null, 0, "{}");
    insert.run(7, 7, "high", "soon", 0, 7);
    insert.run("c", "task", -1, 1.5, 2, new Uint8Array([1, 2, 3]));
    insert.run("d", "task", 99, 0, 0, JSON.stringify({ ...good, id: "d" }));
    db.close();
    const worker = await lab.worker(app);
    const result = await task.delay();
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    assertEquals(await app.AsyncResult("d").get({ timeout: PATIENCE }), "ran");
    await until(
      async () => (await store.inspector.queues()).length === 0,
      "all",
    );
    await worker.stop();
  },
);

onMemory("a message that cannot be read is told of", async (lab) => {
  const app = lab.app();
  const store = await lab.store();
  const rejected = nextEvent(app, "taskRejected");
  await store.broker.publish([rawMessage("{", { id: "broken" })]);
  await lab.worker(app);
  const event = await rejected;
  assertEquals([event.taskId, event.task], ["broken", "raw"]);
  assertMatch(event.reason, /not JSON/);
});

onMemory("arguments whose notes do not fit them fail the task", async (lab) => {
  const app = lab.app();
  const store = await lab.store();
  app.task("task", () => "ran");
  const body = JSON.stringify({
    ...good,
    id: "odd",
    args: ["not a date"],
    meta: { values: { args: "Nonsense" }, v: 1 },
  });
  await store.broker.publish([rawMessage(body, { id: "odd", task: "task" })]);
  await lab.worker(app);
  const error = await app.AsyncResult("odd").get({
    timeout: PATIENCE,
    propagate: false,
  });
  assertMatch(String(error), /^DecodeError: The arguments cannot be read/);
});
