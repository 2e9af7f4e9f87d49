/**
 * Paused queues in PostgreSQL: nobody is busy with what waits in them, and
 * nothing of it is overlooked afterwards.
 */

import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import {
  eventually,
  ids,
  letWait,
  message,
  reserve,
  settlement,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { startProxy } from "./fixtures/postgres_proxy.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";
import { postgresWithoutTerms } from "./fixtures/without_terms.ts";

const test = postgresSuite();

/** For so long the statements of a store that should sleep are counted. */
const WATCHED = 500;

test("who waits for a paused queue with messages sleeps", async ({ server, open }) => {
  const clock = new FakeClock();
  let statements = 0;
  const sql = postgres(server.url(), {
    onnotice: () => {},
    debug: () => statements++,
  });
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const store = await open({ sql: sql as unknown as PostgresSql, clock });
    const other = await open({ clock });
    const queues = ["default", "open"];
    const calls = [
      reserve(store, { wait: true, signal }),
      reserve(store, { wait: true, signal, queues, consumer: "c2" }),
    ];
    await letWait();
    await other.broker.pause(["default"], true);
    const eta = clock.now() + 1_000;
    await other.broker.publish([message("ready"), message("due", { eta })]);
    await store.broker.publish([message("too"), message("due too", { eta })]);
    clock.advance(2_000);
    await letWait();
    calls.push(reserve(store, { wait: true, signal, consumer: "c3" }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert(statements > 0, "Nothing was counted");
    statements = 0;
    await new Promise((resolve) => setTimeout(resolve, WATCHED));
    assert(statements <= 1, `${statements} statements in ${WATCHED} ms`);

    await other.broker.pause(["default"], false);
    const first = await soon("the messages", Promise.race(calls));
    assert(first.length > 0);
    waiting.abort();
    const taken = (await Promise.all(calls)).flat();
    taken.push(...await reserve(store));
    assertEquals(ids(taken).sort(), ["due", "due too", "ready", "too"]);
  } finally {
    waiting.abort();
    await sql.end();
  }
});

test("all that came due in a paused queue is there when it is resumed", async ({ open }) => {
  const clock = new FakeClock();
  const store = await open({ listen: false, clock });
  const other = await open({ clock });
  const queues = ["default", "other"];
  const takeAll = async () => {
    let count = 0;
    for (;;) {
      const found = await reserve(store, { queues, limit: 500 });
      if (found.length === 0) return count;
      count += found.length;
      await store.broker.settle("c1", found.map((one) => settlement(one)));
    }
  };
  const many = (name: string, count: number, eta: number | null = null) =>
    Array.from({ length: count }, (_, at) => message(`${name} ${at}`, { eta }));
  // Enough for the store to begin where it has taken everything.
  await other.broker.publish(many("warm", 2_500));
  assertEquals(await takeAll(), 2_500);
  await other.broker.pause(["default"], true);
  await other.broker.publish(many("due", 2_500, clock.now() + 1_000));
  clock.advance(60_000);
  assertEquals(await takeAll(), 0);
  await other.broker.pause(["default"], false);
  assertEquals(await takeAll(), 2_500);
});

test("what goes back to a paused queue is there when it is resumed", async ({ open }) => {
  const store = await open({ listen: false });
  const other = await open();
  const batch = Array.from({ length: 4_000 }, (_, at) => message(`${at}`));
  await other.broker.publish(batch);
  const held = await reserve(other, { limit: 1, consumer: "c2" });
  const take = () => reserve(store, { limit: 500 });
  for (let count = 0; count < 2_500;) count += (await take()).length;
  // The floor follows after a while: what lies below it is not looked at.
  await new Promise((resolve) => setTimeout(resolve, 600));
  await take();
  await new Promise((resolve) => setTimeout(resolve, 600));
  await take();
  await other.broker.pause(["default"], true);
  await other.broker.settle(
    "c2",
    held.map((one) => settlement(one, { kind: "release" })),
  );
  assertEquals(await take(), []);
  await other.broker.pause(["default"], false);
  const [first] = await take();
  assertEquals(first?.id, held[0]?.id);
});

for (const paused of [true, false]) {
  const name = paused ? "a pause" : "a resumption";
  test(`${name} whose answer was lost is not done again`, async ({ server, open }) => {
    const proxy = startProxy(server.port);
    const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await open({ url });
    const other = await open();
    const isPaused = async () =>
      (await other.inspector.queues()).some((queue) => queue.paused);
    try {
      // A statement that is prepared already needs no answer to be carried out.
      await store.broker.pause(["default"], paused);
      await other.broker.pause(["default"], !paused);
      proxy.holdAnswers(true);
      const pausing = store.broker.pause(["default"], paused);
      await eventually(
        "the first time",
        async () => await isPaused() === paused,
      );
      await other.broker.pause(["default"], !paused);
      proxy.holdAnswers(false);
      proxy.cut();
      await pausing;
      assertEquals(await isPaused(), !paused);
    } finally {
      await store.close();
      await proxy.close();
    }
  });
}

test("those who pause and resume the same queues do not get in each other's way", async ({ open }) => {
  const stores = [await open(), await open()];
  const queues = Array.from({ length: 200 }, (_, at) => `q${at}`);
  const orders = [queues, queues.toReversed()];
  for (let round = 0; round < 10; round++) {
    await Promise.all(stores.flatMap(({ broker }, at) => [
      broker.pause(orders[at] ?? [], round % 2 === 0),
      broker.pause(orders[1 - at] ?? [], round % 2 === 1),
    ]));
  }
  const [one] = stores;
  await one?.broker.pause(queues, true);
  const paused = await one?.inspector.queues();
  assertEquals(paused?.length, 200);
  assert(paused?.every((queue) => queue.paused && queue.queued === 0));
});

test("a schema from before there were paused queues gets them", async ({ server, schema, open }) => {
  const before = await open();
  await before.broker.publish([message("a")]);
  await server.psql(`${postgresWithoutTerms(schema)}
    drop table ${schema}.paused, ${schema}.history;
    update ${schema}.meta set version = 3`);
  const store = await open();
  await store.broker.pause(["default"], true);
  assertEquals(await reserve(store), []);
  await store.broker.pause(["default"], false);
  assertEquals(ids(await reserve(store)), ["a"]);
});
