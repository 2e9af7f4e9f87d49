/** What has ended is sent once more: as itself, or as a copy. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chain, type Config, Lovage } from "@lovage/lovage";
import type { TaskDetail } from "../../src/dashboard/data/types/tasks.ts";
import { missing, Servers } from "../app/fixtures/servers.ts";
import { nextEvent, PATIENCE } from "../_helpers.ts";
import { Client } from "./_client.ts";

const servers = new Servers();

const newMemory = () => `memory://${crypto.randomUUID()}`;

const STORES: Readonly<Record<string, () => Promise<Config> | Config>> = {
  "memory": () => ({ brokerUrl: newMemory() }),
  "memory, results elsewhere": () => ({
    brokerUrl: newMemory(),
    resultBackend: newMemory(),
  }),
  "redis": async () => ({ brokerUrl: await servers.newRedis() }),
  "postgres": async () => ({ brokerUrl: await servers.newPostgres() }),
};

for (const [kind, storesOf] of Object.entries(STORES)) {
  const needs = kind.startsWith("memory") ? undefined : missing;
  const test = (name: string, fn: (app: Lovage) => Promise<void>) =>
    Deno.test({
      name: `${name} (${kind}${needs === undefined ? "" : `; ${needs}`})`,
      ignore: needs !== undefined,
      async fn() {
        await using app = new Lovage("again", {
          ...await storesOf(),
          resultExtended: true,
        });
        await fn(app);
      },
    });

  test("what has succeeded runs again as a copy of its own", async (app) => {
    const seen: unknown[] = [];
    const note = app.task("note", (at: Date, what: string) => {
      seen.push([at, what]);
      return `${what} ${seen.length}`;
    });
    const then = app.task("then", (text: string) => seen.push(text));
    const worker = await app.worker({ pool: "async" });
    await using client = new Client(app);
    const at = new Date(1_700_000_000_000);
    const last = await chain(note.s(at, "x").set({ taskId: "n" }), then.s())
      .delay();
    await last.get({ timeout: PATIENCE });
    assertEquals(seen, [[at, "x"], "x 1"]);
    const before = await client.json<TaskDetail>("/api/v1/tasks/n");
    assertEquals(before.can, {
      retry: false,
      rerun: true,
      revoke: false,
      terminate: false,
    });
    // Nobody does a thing twice by mistake.
    const [refused, why] = await client.act("tasks.retry", { id: "n" });
    assertEquals(refused, 409);
    assertMatch(String(why["text"]), /has succeeded.*again/);
    const [status, said] = await client.act("tasks.retry", {
      id: "n",
      again: true,
    });
    assertEquals(status, 200);
    const [id] = said["sent"] as string[];
    assert(id !== undefined && id !== "n");
    assertEquals(
      await app.AsyncResult(id).get({ timeout: PATIENCE }),
      "x 3",
    );
    // With its arguments as they were, and without what came after it.
    assertEquals(seen, [[at, "x"], "x 1", [at, "x"]]);
    const copy = await client.json<TaskDetail>(`/api/v1/tasks/${id}`);
    assertEquals([copy.rootId, copy.parentId, copy.retries], [id, null, 0]);
    const kept = await app.AsyncResult("n").get({ timeout: PATIENCE });
    assertEquals(kept, "x 1");
    await worker.stop();
  });

  test("what was revoked runs after all, under its id", async (app) => {
    const seen: string[] = [];
    const note = app.task("note", (what: string) => {
      seen.push(what);
      return what;
    });
    await note.applyAsync(["waits"], { taskId: "waits", countdown: "1h" });
    await note.applyAsync(["early"], { taskId: "early" });
    assertEquals(await app.control.revoke(["waits", "early"]), [
      "removed",
      "removed",
    ]);
    const worker = await app.worker({ pool: "async" });
    await using client = new Client(app);
    for (const id of ["waits", "early"]) {
      const { can, argsJson, name, state } = await client.json<TaskDetail>(
        `/api/v1/tasks/${id}`,
      );
      assertEquals([state, name, argsJson], ["REVOKED", "note", `["${id}"]`]);
      assertEquals(can.retry, true);
      const [status] = await client.act("tasks.retry", { id, again: true });
      assertEquals(status, 200);
      assertEquals(await app.AsyncResult(id).get({ timeout: PATIENCE }), id);
    }
    assertEquals(seen, ["waits", "early"]);
    await worker.stop();
  });

  test("one that is unique waits for none like it", async (app) => {
    const task = app.task("task", { unique: true, maxRetries: 0 }, () => {
      throw new RangeError("no");
    });
    const worker = await app.worker({ pool: "async" });
    const failed = await task.delay();
    await failed.get({ timeout: PATIENCE, propagate: false });
    await worker.stop();
    const other = await task.delay();
    await using client = new Client(app);
    const [status, { text }] = await client.act("tasks.retry", {
      id: failed.id,
    });
    assertEquals(
      [status, text],
      [
        409,
        `Task ${failed.id} is not sent again: ${other.id}, which is like it (unique), waits or runs`,
      ],
    );
    assertEquals(await failed.state(), "FAILURE");
  });

  test("what a worker has revoked runs after all", async (app) => {
    let released = false;
    const hold = app.task(
      "hold",
      { bind: true },
      (self) =>
        released ? "ran" : new Promise<string>((_, reject) => {
          self.signal.addEventListener(
            "abort",
            () => reject(self.signal.reason),
          );
        }),
    );
    const worker = await app.worker({ pool: "async" });
    const started = nextEvent(app, "taskPrerun");
    const result = await hold.applyAsync([], { taskId: "held" });
    await using client = new Client(app);
    await started;
    await app.control.revoke("held");
    await result.get({ timeout: PATIENCE }).catch(() => {});
    assertEquals(await result.state(), "REVOKED");
    released = true;
    const [status] = await client.act("tasks.retry", {
      id: "held",
      again: true,
    });
    assertEquals(status, 200);
    assertEquals(await result.get({ timeout: PATIENCE }), "ran");
    await worker.stop();
  });
}
