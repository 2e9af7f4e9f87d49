/**
 * What goes wrong with a file is said in one sentence that says what to do.
 */

import { DatabaseSync } from "node:sqlite";
import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { message } from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

async function openError(path: string): Promise<string> {
  const store = sqliteStore({ path });
  const error = await assertRejects(() => store.open(), StoreError);
  // What could not be opened can still be closed.
  await store.close();
  return error.message;
}

Deno.test("a path that cannot be one is refused when the store is made", () => {
  for (const path of ["", ":memory:", "file:x.db?mode=memory"]) {
    assertThrows(() => sqliteStore({ path }), StoreError, "path");
  }
});

Deno.test("a file that is no database", () =>
  withStores(async ({ path }) => {
    await Deno.writeTextFile(path, "This is a letter.\n".repeat(100));
    assertStringIncludes(await openError(path), "is not a SQLite database");
    const text = await Deno.readTextFile(path);
    assertEquals(text.startsWith("This is a letter."), true);
  }));

Deno.test("a directory that does not exist", () =>
  withStores(async ({ directory }) => {
    const sentence = await openError(`${directory}/none/lovage.db`);
    assertStringIncludes(sentence, `${directory}/none of the SQLite store`);
    assertStringIncludes(sentence, "does not exist: make it");
  }));

Deno.test("a path that is a directory", () =>
  withStores(async ({ directory }) => {
    assertStringIncludes(await openError(directory), "is a directory");
  }));

Deno.test({
  name: "a file that may not be written",
  // Nothing is read-only to root.
  ignore: Deno.uid() === 0,
  fn: () =>
    withStores(async ({ path, open }) => {
      await (await open()).close();
      await Deno.chmod(path, 0o444);
      assertStringIncludes(await openError(path), "cannot be written");
    }),
});

Deno.test("a file of a later version", () =>
  withStores(async ({ path, open }) => {
    await open();
    const db = new DatabaseSync(path);
    db.exec("update lovage_meta set value = 99 where key = 'schema'");
    db.close();
    assertStringIncludes(await openError(path), "update Lovage");
  }));

Deno.test("a lock that is held too long", () =>
  withStores(async ({ path, open }) => {
    const store = await open({ lockTimeout: 30 });
    const db = new DatabaseSync(path);
    db.exec("begin immediate");
    const error = await assertRejects(
      () => store.broker.publish([message("a")]),
      StoreError,
    );
    assertStringIncludes(error.message, "locked by another process for 30 ms");
    db.exec("rollback");
    db.close();
    assertEquals(await store.broker.publish([message("a")]), [true]);
  }));

Deno.test("a lock that is held for a while is waited for", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const db = new DatabaseSync(path);
    db.exec("begin immediate");
    const published = store.broker.publish([message("a")]);
    // The wait is not one of the event loop: this timer comes.
    await new Promise((resolve) => setTimeout(resolve, 30));
    db.exec("rollback");
    db.close();
    assertEquals(await published, [true]);
  }));

Deno.test("a call after the end says that the store is not open", () =>
  withStores(async ({ open }) => {
    const store = await open();
    await store.close();
    await assertRejects(
      () => store.broker.publish([message("a")]),
      StoreError,
      "is not open",
    );
    await store.close();
  }));

Deno.test("names that SQLite would not give back are refused", () =>
  withStores(async ({ open }) => {
    const store = await open();
    for (const id of ["a\0b", "\ud800"]) {
      const batch = [message("fine"), message(id)];
      await assertRejects(() => store.broker.publish(batch), StoreError, "id");
    }
    assertEquals(await store.inspector.queues(), []);
  }));

Deno.test("a store can be opened where other tables are, and again", () =>
  withStores(async ({ path, open }) => {
    const db = new DatabaseSync(path);
    db.exec("create table task (mine); insert into task values (1)");
    const first = await open();
    await first.broker.publish([message("a")]);
    await first.close();
    const second = await open();
    assertEquals((await second.inspector.find(["a"]))[0]?.status, "queued");
    assertEquals({ ...db.prepare("select mine from task").get() }, { mine: 1 });
    db.close();
  }));
