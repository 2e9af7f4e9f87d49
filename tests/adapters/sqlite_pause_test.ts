/**
 * Paused queues in their table: files of the version before get it, pauses
 * are the file's, and a reservation pays only for those that there are.
 */

import { DatabaseSync, StatementSync } from "node:sqlite";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  letWait,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";
import {
  GROUPS_WITHOUT_TERMS,
  WITHOUT_TERMS,
} from "./fixtures/without_terms.ts";

interface Executed {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Runs the test and returns every statement that was executed in it. */
async function executedIn(test: () => Promise<unknown>): Promise<Executed[]> {
  const seen: Executed[] = [];
  const { prototype } = StatementSync;
  const { get, all, run } = prototype;
  for (const [name, method] of Object.entries({ get, all, run })) {
    Object.assign(prototype, {
      [name](this: StatementSync, ...values: never[]) {
        seen.push({ sql: this.sourceSQL, values });
        return Reflect.apply(method, this, values);
      },
    });
  }
  try {
    await test();
  } finally {
    Object.assign(prototype, { get, all, run });
  }
  return seen;
}

/** Stores a message in each of these queues. */
async function fill(store: Store, queues: readonly string[]): Promise<void> {
  await store.broker.publish(queues.map((queue) => message(queue, { queue })));
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `queue ${at}`);
}

Deno.test("a file of the version before pauses gets their table, once", () =>
  withStores(async ({ path, open }) => {
    const before = await open();
    await before.broker.publish([message("old")]);
    await before.close();
    const db = new DatabaseSync(path);
    db.exec("drop table lovage_paused");
    db.exec(WITHOUT_TERMS);
    db.exec(GROUPS_WITHOUT_TERMS);
    db.exec("update lovage_meta set value = 3 where key = 'schema'");
    db.close();
    const [store, other] = await Promise.all([open(), open()]);
    await store.broker.pause(["default"], true);
    assertEquals(ids(await reserve(other)), []);
    await other.broker.pause(["default"], false);
    assertEquals(ids(await reserve(store)), ["old"]);
  }));

Deno.test("a pause is the file's: it outlives the store", () =>
  withStores(async ({ open }) => {
    const first = await open();
    await first.broker.publish([message("a")]);
    await first.broker.pause(["default"], true);
    await first.close();
    const second = await open();
    assertEquals(ids(await reserve(second)), []);
    const [stats] = await second.inspector.queues();
    assertEquals([stats?.queue, stats?.paused], ["default", true]);
  }));

Deno.test("who waits over another connection hears of it at once", () =>
  withStores(async ({ open }) => {
    const [store, other] = [await open(), await open()];
    const latencies: number[] = [];
    for (let n = 0; n < 7; n++) {
      await store.broker.pause(["default"], true);
      await store.broker.publish([message(`m${n}`)]);
      const taken = reserve(other, { wait: true });
      await letWait();
      const start = performance.now();
      await store.broker.pause(["default"], false);
      assertEquals(ids(await taken), [`m${n}`]);
      latencies.push(performance.now() - start);
    }
    const median = latencies.sort((a, b) => a - b)[3] ?? Infinity;
    // The slow poll would take most of a second.
    assert(median < 200, `The median wake-up took ${median} ms`);
  }));

Deno.test("a queue whose name cannot be kept cannot be paused, nor others with it", () =>
  withStores(async ({ open }) => {
    const store = await open();
    for (const name of ["a\0b", "half \ud83c"]) {
      await assertRejects(
        () => store.broker.pause(["default", name], true),
        StoreError,
        "take another queue",
      );
    }
    assertEquals(await store.inspector.queues(), []);
  }));

Deno.test("while none is paused, a reservation looks once more per step", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const queues = numbered(50);
    await fill(store, queues);
    const executed = await executedIn(() => reserve(store, { queues }));
    const looks = executed.filter(({ sql }) => /lovage_paused/.test(sql));
    // One in the probe, one in the transaction.
    assertEquals(looks.length, 2);
  }));

Deno.test("a reservation does not look into paused queues", () =>
  withStores(async ({ open }) => {
    const store = await open();
    const queues = numbered(50);
    await fill(store, queues);
    const paused = new Set<unknown>(queues.slice(1));
    await store.broker.pause(queues.slice(1), true);
    let taken: string[] = [];
    const executed = await executedIn(async () => {
      taken = ids(await reserve(store, { queues }));
    });
    assertEquals(taken, ["queue 0"]);
    const into = executed.filter(({ sql, values }) =>
      /lovage_task/.test(sql) && values.some((value) => paused.has(value))
    );
    assertEquals(into, []);
    const ready = executed.filter(({ sql }) => /lovage_task_ready/.test(sql));
    assert(ready.length > 0, "No statement was seen at all");
  }));
