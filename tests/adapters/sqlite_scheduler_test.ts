/**
 * Schedule entries in their tables: files of the version before get them,
 * what fails is undone as a whole, and what was put in by hand can be read.
 */

import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Firing, Message, Store } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";
import {
  GROUPS_WITHOUT_TERMS,
  WITHOUT_TERMS,
} from "./fixtures/without_terms.ts";

/** Runs statements over a connection of their own. */
function byHand(path: string, ...statements: readonly string[]): void {
  const db = new DatabaseSync(path);
  try {
    for (const sql of statements) db.exec(sql);
  } finally {
    db.close();
  }
}

function put(store: Store, ...names: readonly string[]) {
  return store.scheduler.put(
    names.map((name) => ({ name, body: name, dueAt: 1 })),
  );
}

function firing(name: string, messages: readonly Message[]): Firing {
  return { name, revision: 1, dueAt: 1, nextAt: 2, state: "fired", messages };
}

Deno.test("a file of the version before entries gets their tables, once", () =>
  withStores(async ({ path, open }) => {
    const before = await open();
    await before.broker.publish([message("old")]);
    await before.close();
    byHand(
      path,
      "drop table lovage_schedule",
      "drop table lovage_scheduler",
      WITHOUT_TERMS,
      GROUPS_WITHOUT_TERMS,
      "update lovage_meta set value = 2 where key = 'schema'",
    );
    const [store, other] = await Promise.all([open(), open()]);
    assertEquals(await put(store, "a"), [1]);
    assertEquals(await put(other, "b"), [2]);
    assertEquals(ids(await reserve(store)), ["old"]);
  }));

Deno.test("the revision is the file's: it outlives entries and stores", () =>
  withStores(async ({ open }) => {
    const first = await open();
    await put(first, "a", "b");
    await first.scheduler.remove(["a", "b"]);
    await first.close();
    const second = await open();
    assertEquals((await second.scheduler.leader()).revision, 2);
    assertEquals(await put(second, "a"), [3]);
  }));

Deno.test("the lead is the file's: a new store does not take it", () =>
  withStores(async ({ open }) => {
    const first = await open();
    const lease = 3_600_000;
    await first.scheduler.lead({ id: "a", name: "a@tests", lease });
    await first.close();
    const second = await open();
    const { id, name } = await second.scheduler.lead(
      { id: "b", name: "b@tests", lease },
    );
    assertEquals([id, name], ["a", "a@tests"]);
  }));

Deno.test("a firing that fails half-way has not happened", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    await put(store, "a", "b");
    byHand(
      path,
      `create trigger full before insert on lovage_task
        when new.id = 'last' begin select raise(abort, 'no room'); end`,
    );
    const batch = [
      firing("a", [message("first")]),
      firing("b", [message("last")]),
    ];
    await assertRejects(
      () => store.scheduler.fire(batch),
      StoreError,
      "no room",
    );
    const found = await store.scheduler.fetch(["a", "b"]);
    assertEquals(found.map((one) => [one?.dueAt, one?.state]), [
      [1, ""],
      [1, ""],
    ]);
    assertEquals(await reserve(store), []);
    byHand(path, "drop trigger full");
    assertEquals(await store.scheduler.fire(batch), [true, true]);
    assertEquals(ids(await reserve(store)), ["first", "last"]);
  }));

Deno.test("a put that fails half-way has not happened", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    byHand(
      path,
      `create trigger full before insert on lovage_schedule
        when new.name = 'last' begin select raise(abort, 'no room'); end`,
    );
    const names = Array.from({ length: 200 }, (_, at) => `entry ${at}`);
    await assertRejects(() => put(store, ...names, "last"), StoreError);
    assertEquals((await store.scheduler.list(null, 10)).records, []);
    assertEquals((await store.scheduler.leader()).revision, 0);
  }));

Deno.test("a message that SQLite would not give back is refused with all", () =>
  withStores(async ({ open }) => {
    const store = await open();
    await put(store, "a", "b");
    const batch = [
      firing("a", [message("fine")]),
      firing("b", [message("half \ud83c")]),
    ];
    await assertRejects(
      () => store.scheduler.fire(batch),
      StoreError,
      "half a surrogate pair",
    );
    assertEquals((await store.scheduler.fetch(["a"]))[0]?.state, "");
    assertEquals(await reserve(store), []);
  }));

Deno.test("who asks in vain for the lead needs no lock", () =>
  withStores(async ({ path, open }) => {
    const store = await open({ lockTimeout: 30 });
    const candidate = { id: "a", name: "a@tests", lease: 3_600_000 };
    await store.scheduler.lead(candidate);
    const db = new DatabaseSync(path);
    db.exec("begin immediate");
    const other = { ...candidate, id: "b" };
    assertEquals((await store.scheduler.lead(other)).id, "a");
    assertEquals((await store.scheduler.leader()).id, "a");
    db.exec("rollback");
    db.close();
  }));

Deno.test("entries that were put in by hand can be read", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    byHand(
      path,
      `insert into lovage_schedule (name, due_at, revision, state, body) values
        ('blob', x'01', 'first', x'41', x'ff42'),
        ('huge', 9223372036854775807, 9223372036854775807, 1, 2),
        ('words', 'soon', 1, 'a' || char(0) || 'b', '')`,
    );
    const { records, next } = await store.scheduler.list(null, 2);
    const rest = await store.scheduler.list(next, 2);
    const all = [...records, ...rest.records];
    assertEquals(all.map(({ name }) => name), ["blob", "huge", "words"]);
    for (const { body, state, dueAt, revision } of all) {
      assertEquals(
        [body, state, dueAt, revision].map((value) => typeof value),
        ["string", "string", "number", "number"],
      );
    }
    assertEquals(await store.scheduler.fetch(["blob", "huge", "words"]), all);
    assertEquals(await store.scheduler.remove(["huge"]), [true]);
    // A page could not begin after it.
    assertThrows(
      () =>
        byHand(
          path,
          `insert into lovage_schedule (name, revision, body)
            values (x'ff00', 1, '')`,
        ),
      Error,
      "CHECK constraint failed",
    );
  }));

Deno.test("the one row about entries may be missing", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    byHand(path, "delete from lovage_scheduler");
    const lease = 3_600_000;
    const { id } = await store.scheduler.lead({ id: "a", name: "a", lease });
    assertEquals([id, (await store.scheduler.leader()).revision], ["a", 0]);
    assertEquals(await put(store, "a"), [1]);
    assertEquals((await store.scheduler.leader()).id, "a");
  }));
