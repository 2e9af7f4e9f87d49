/**
 * Groups in their tables: nothing is left of those that are over, files of
 * the version before get the tables, and whoever waits is woken.
 */

import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertRejects } from "@std/assert";
import type { GroupEnd, GroupPlan, Store } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import {
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";
import { WITHOUT_TERMS } from "./fixtures/without_terms.ts";

function plan(id: string, size: number, rest: Partial<GroupPlan> = {}) {
  const body = message(`${id}-body`, { queue: "bodies" });
  return { id, size, body, expiresAt: null, ...rest } satisfies GroupPlan;
}

function end(group: string, index: number, failed = false): GroupEnd {
  return { group, index, failed };
}

/** Publishes a task and ends it as these members. */
async function endTask(store: Store, ends: readonly GroupEnd[]) {
  await store.broker.publish([message("task")]);
  const task = await reserveOne(store);
  await store.broker.settle("c1", [
    settlement(task, { kind: "ack" }, { result: record("task"), ends }),
  ]);
}

function countRows(path: string): Record<string, unknown> {
  const db = new DatabaseSync(path);
  const counts = ["group", "group_body", "group_marks"].map((name) => [
    name,
    db.prepare(`select count(*) as n from lovage_${name}`).get()?.["n"],
  ]);
  db.close();
  return Object.fromEntries(counts);
}

const NOTHING = { group: 0, group_body: 0, group_marks: 0 };

Deno.test("nothing is left of groups that are over", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const groups = [plan("ends", 2), plan("fails", 9)];
    await store.broker.publish([], { groups });
    await endTask(store, [end("ends", 0), end("fails", 3, true)]);
    await endTask(store, [end("ends", 1), end("fails", 4)]);
    const bodies = await reserve(store, { queues: ["bodies"] });
    assertEquals(ids(bodies).sort(), ["ends-body", "fails-body"]);
    assertEquals(countRows(path), NOTHING);
  }));

Deno.test("members of all parts of a large group are marked, and forgotten", () =>
  withStores(async ({ path, open }) => {
    const clock = new FakeClock();
    const { results } = await open({ clock });
    const large = plan("g", 5_000, { expiresAt: clock.now() + 1_000 });
    await results.openGroups([large]);
    const ends = Array.from({ length: 5_000 }, (_, index) => end("g", index));
    const [first, rest] = [ends.slice(0, 3_000), ends.slice(2_000)];
    assertEquals(await results.endMembers(first), []);
    assertEquals(await results.endMembers(first), []);
    assertEquals(await results.endMembers([...rest].reverse()), [large.body]);
    assertEquals(countRows(path), { group: 1, group_body: 1, group_marks: 5 });
    clock.advance(1_000);
    assertEquals(await results.expire(10), 1);
    assertEquals(countRows(path), NOTHING);
    await results.openGroups([plan("g", 2)]);
    assertEquals(await results.endMembers([end("g", 0)]), []);
  }));

Deno.test("groups are dropped step by step, as many as asked for", () =>
  withStores(async ({ open }) => {
    const clock = new FakeClock();
    const { results } = await open({ clock });
    const expiresAt = clock.now();
    const plans = Array.from(
      { length: 500 },
      (_, at) => plan(`g${at}`, 1, { expiresAt }),
    );
    await results.openGroups(plans);
    assertEquals(await results.expire(450), 450);
    assertEquals(await results.expire(450), 50);
    assertEquals(await results.expire(450), 0);
  }));

Deno.test("a group that is over begins anew in the same batch", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const groups = [plan("g", 1)];
    await store.broker.publish([message("a"), message("b")], { groups });
    const [a, b] = await reserve(store);
    if (!a || !b) throw new Error("Expected two deliveries");
    await store.broker.settle("c1", [
      settlement(a, { kind: "ack" }, { ends: [end("g", 0)] }),
      settlement(b, { kind: "ack" }, { groups }),
    ]);
    const body = await reserveOne(store, { queues: ["bodies"] });
    await store.broker.settle("c1", [settlement(body)]);
    await endTask(store, [end("g", 0)]);
    assertEquals(ids(await reserve(store, { queues: ["bodies"] })), ["g-body"]);
  }));

Deno.test("a body that is live is not published again", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const live = message("g-body", { body: "first" });
    await store.broker.publish([live], { groups: [plan("g", 1)] });
    const first = await reserveOne(store);
    await endTask(store, [end("g", 0)]);
    assertEquals(await reserve(store, { queues: ["bodies"] }), []);
    assertEquals(first.body, "first");
  }));

Deno.test("a body is kept as it is, also with a NUL, or refused", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const body = message("body", { queue: "bodies", body: "a\0b" });
    await store.broker.publish([], { groups: [plan("g", 1, { body })] });
    await endTask(store, [end("g", 0)]);
    const found = await reserveOne(store, { queues: ["bodies"] });
    assertEquals(found.body, "a\0b");
    const groups = [plan("h", 1, { body: message("a\0b") })];
    await assertRejects(
      () => store.broker.publish([], { groups }),
      StoreError,
      "which SQLite cannot keep",
    );
    await assertRejects(
      () => store.results.openGroups(groups),
      StoreError,
      "which SQLite cannot keep",
    );
  }));

Deno.test("a task that is kept wakes who waits for its queue", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const eta = Date.now() + 3_600_000;
    await store.broker.publish([message("a", { eta })]);
    const waiting = reserve(store, { wait: true });
    await store.broker.cancel([
      { id: "a", terminate: false, rememberUntil: 0, keep: true },
    ]);
    const [found] = await soon("the task", waiting);
    assertEquals([found?.id, found?.cancelled], ["a", true]);
    assertEquals(found?.eta, eta);
  }));

Deno.test("a body wakes who waits for its queue in another store", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const other = await open();
    await store.broker.publish([], { groups: [plan("g", 1)] });
    const waiting = reserve(other, { wait: true, queues: ["bodies"] });
    await endTask(store, [end("g", 0)]);
    assertEquals(ids(await soon("the body", waiting)), ["g-body"]);
  }));

Deno.test("a file of the version before groups gets their tables", () =>
  withStores(async ({ path, open }) => {
    const before = await open();
    await before.broker.publish([message("old")]);
    await before.close();
    const db = new DatabaseSync(path);
    for (const name of ["group", "group_body", "group_marks"]) {
      db.exec(`drop table lovage_${name}`);
    }
    db.exec(WITHOUT_TERMS);
    db.exec("update lovage_meta set value = 1 where key = 'schema'");
    db.close();
    const store = await open();
    assertEquals(ids(await reserve(store)), ["old"]);
    await store.broker.publish([], { groups: [plan("g", 1)] });
    await endTask(store, [end("g", 0)]);
    assertEquals(ids(await reserve(store, { queues: ["bodies"] })), ["g-body"]);
  }));
