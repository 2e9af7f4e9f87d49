/**
 * Messages that exist if and only if the user's own transaction commits.
 */

import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  letWait,
  limited,
  message,
  record,
  reserve,
  settlement,
  slots,
  soon,
  unique,
} from "../../src/testing/conformance/fixtures.ts";
import type { PostgresServer } from "./fixtures/postgres_server.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

type Sql = ReturnType<typeof postgres>;

async function withSql(
  server: PostgresServer,
  run: (sql: Sql) => Promise<void>,
): Promise<void> {
  const sql = postgres(server.url(), {
    ...{ max: 2, max_pipeline: 1, onnotice: () => {} },
  });
  try {
    await run(sql);
  } finally {
    await sql.end();
  }
}

test("a commit makes the messages, not earlier", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const waiting = reserve(store, { wait: true });
    await letWait();
    await sql.begin(async (tx) => {
      const batch = [message("a"), message("b")];
      const added = await store.broker.publish(batch, { transaction: tx });
      assertEquals(added, [true, true]);
      assertEquals(await store.inspector.find(["a"]), [undefined]);
      assertEquals(await reserve(store), []);
    });
    // Woken by the notification that came with the commit.
    assertEquals(ids(await soon("the messages", waiting)), ["a", "b"]);
  }));

test("a rollback leaves nothing, and drops no record", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    await store.results.store([record("a")]);
    await assertRejects(() =>
      sql.begin(async (tx) => {
        await store.broker.publish([message("a")], { transaction: tx });
        throw new Error("Changed my mind");
      })
    );
    assertEquals(await reserve(store), []);
    assertEquals(await store.results.fetch(["a"]), [record("a")]);
    await sql.begin(async (tx) => {
      await tx.savepoint(async (inner) => {
        await store.broker.publish([message("lost")], { transaction: inner });
        throw new Error("Only this part");
      }).catch(() => {});
      await store.broker.publish([message("kept")], { transaction: tx });
    });
    assertEquals(ids(await reserve(store)), ["kept"]);
  }));

test("what a client of its own kind sends is its transaction's", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const reserved = await sql.reserve();
    // As node-postgres: query(text, params) and rows as objects.
    const client = {
      async query(text: string, params: readonly unknown[] = []) {
        const rows = await reserved.unsafe(text, [...params] as string[]);
        return { rows: [...rows] };
      },
    };
    for (const [id, end] of [["gone", "rollback"], ["here", "commit"]]) {
      await client.query("begin");
      const batch = [message(id ?? ""), message(id ?? "")];
      const added = await store.broker.publish(batch, { transaction: client });
      assertEquals(added, [true, false]);
      await client.query(end ?? "");
    }
    reserved.release();
    assertEquals(ids(await reserve(store)), ["here"]);
  }));

test("a late commit is found by a busy worker", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const committed = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    const transaction = sql.begin(async (tx) => {
      await store.broker.publish([message("late")], { transaction: tx });
      sent.resolve();
      await committed.promise;
    });
    await sent.promise;
    // So many that the worker no longer begins at the head of the queue.
    for (let part = 0; part < 4; part++) {
      const batch = Array.from(
        { length: 1_000 },
        (_, at) => message(`m${part}-${at}`),
      );
      await store.broker.publish(batch);
      assertEquals((await reserve(store, { limit: 1_000 })).length, 1_000);
    }
    const waiting = reserve(store, { wait: true });
    await letWait();
    committed.resolve();
    await transaction;
    assertEquals(ids(await soon("the late one", waiting)), ["late"]);
  }));

test("what is no transaction is refused", async ({ open }) => {
  const store = await open();
  for (const tx of [7, "tx", {}, () => {}]) {
    await assertRejects(
      () => store.broker.publish([message("a")], { transaction: tx }),
      StoreError,
      "query(text, params)",
    );
  }
});

test("a user's own client serves the whole store", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open({ sql });
    const waiting = reserve(store, { wait: true });
    await letWait();
    const other = await open();
    await other.broker.publish([message("a")]);
    assertEquals(ids(await soon("the message", waiting)), ["a"]);
    await store.close();
    // It is the user's: it goes on.
    assertEquals([...await sql`select 1 as one`], [{ one: 1 }]);
  }));

test("a unique key is the transaction's until it commits", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const first = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const done = sql.begin(async (tx) => {
      const batch = [unique("a", "k"), unique("b", "k")];
      const added = await store.broker.publish(batch, { transaction: tx });
      assertEquals(added, [true, false]);
      first.resolve();
      await commit.promise;
    });
    await first.promise;
    // Who wants the same key waits for what becomes of it.
    const other = store.broker.publish([unique("c", "k")]);
    await letWait();
    commit.resolve();
    await done;
    assertEquals(await soon("an answer", other), [false]);
    assertEquals(ids(await reserve(store)), ["a"]);
  }));

test("a key that was rolled back is free", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    await assertRejects(() =>
      sql.begin(async (tx) => {
        await store.broker.publish(
          [{ ...unique("a", "k"), limits: [slots("k", 1)] }],
          { transaction: tx },
        );
        throw new Error("Changed my mind");
      })
    );
    assertEquals(await store.broker.publish([unique("b", "k")]), [true]);
    assertEquals(ids(await reserve(store)), ["b"]);
  }));

test("a transaction is in no deadlock with who wants its keys", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const first = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const done = sql.begin(async (tx) => {
      const transaction = tx;
      await store.broker.publish([unique("a", "one")], { transaction });
      first.resolve();
      await go.promise;
      return await store.broker.publish([unique("b", "two")], { transaction });
    });
    await first.promise;
    // Has the second key, and waits for the first one.
    const both = [unique("c", "two"), unique("d", "one")];
    const other = store.broker.publish(both);
    await letWait();
    go.resolve();
    assertEquals(await soon("the transaction", done), [true]);
    assertEquals(await soon("the other one", other), [false, false]);
  }));

test("a transaction with limits holds up nobody", ({ server, open }) =>
  withSql(server, async (sql) => {
    const store = await open();
    const one = slots("k", 1);
    await store.broker.publish([limited("a", one), limited("b", one)]);
    const [a] = await reserve(store);
    await sql.begin(async (tx) => {
      const batch = [{ ...limited("first", one), priority: 0 }];
      await store.broker.publish(batch, { transaction: tx });
      if (a) await store.broker.settle("c1", [settlement(a)]);
      const [b] = await reserve(store);
      assertEquals(b?.id, "b");
      if (b) await store.broker.settle("c1", [settlement(b)]);
      assertEquals(await reserve(store), []);
    });
    assertEquals(ids(await reserve(store)), ["first"]);
  }));
