/**
 * Groups that are counted by settlements: over several statements, workers
 * and connections.
 */

import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import type {
  Delivery,
  GroupEnd,
  GroupPlan,
  Message,
  Settlement,
  Store,
} from "../../src/contracts/mod.ts";
import { STEPS } from "../../adapters/postgres/schema.ts";
import {
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

const QUEUE = "bodies";

function plan(id: string, size: number, rest: Partial<Message> = {}) {
  const body = message(`${id} body`, { queue: QUEUE, ...rest });
  return { id, size, body, expiresAt: null } satisfies GroupPlan;
}

function end(group: string, index = 0, failed = false): GroupEnd {
  return { group, index, failed };
}

function done(
  delivery: Delivery | undefined,
  rest: Partial<Settlement> = {},
): Settlement {
  assert(delivery !== undefined);
  return settlement(delivery, { kind: "ack" }, rest);
}

async function bodies(store: Store): Promise<string[]> {
  return ids(await reserve(store, { queues: [QUEUE] })).sort();
}

function messages(count: number, prefix = "m"): Message[] {
  return Array.from({ length: count }, (_, at) => message(`${prefix}${at}`));
}

test("a settlement has ends of many groups", async ({ open }) => {
  const store = await open();
  const groups = Array.from({ length: 60 }, (_, at) => plan(`g${at}`, 2));
  await store.broker.publish(messages(3), { groups });
  const [a, b, c] = await reserve(store);
  const ends = groups.map(({ id }) => end(id));
  const odd = ends.map((one, at) => ({ ...one, failed: at < 10 }));
  await store.broker.settle("c1", [done(a, { ends: odd }), done(b)]);
  assertEquals((await bodies(store)).length, 10);
  const held = await store.broker.settle("c1", [
    done(c, { ends, result: record("m2"), publish: [message("next")] }),
  ]);
  assertEquals(held, [true]);
  assertEquals((await bodies(store)).length, 50);
  assertEquals(ids(await reserve(store)), ["next"]);
});

test("a group begins and ends within a batch", async ({ open }) => {
  const store = await open();
  await store.broker.publish(messages(4));
  const [a, b, c, d] = await reserve(store);
  const begins = { groups: [plan("g", 2)] };
  const held = await store.broker.settle("c1", [
    done(a, { ends: [end("g", 9)] }),
    done(b, begins),
    done(c, { ends: [end("g")] }),
    done(d, { ends: [end("g", 1)], ...{ groups: [plan("h", 1)] } }),
  ]);
  assertEquals(held, [true, true, true, true]);
  assertEquals(await bodies(store), ["g body"]);
});

test("workers that end members of the same groups never wait in a circle", async ({ server, schema, open }) => {
  const stores = await Promise.all([1, 2, 3].map(() => open()));
  const [first] = stores;
  assert(first !== undefined);
  const count = 40;
  const names = Array.from({ length: count }, (_, at) => `g${at}`);
  const members = names.flatMap((name) => messages(6, `${name}:`));
  const groups = names.map((name) => plan(name, 6));
  await first.broker.publish(members, { groups });
  const work = async (store: Store, at: number) => {
    const consumer = `c${at}`;
    for (;;) {
      const some = await reserve(store, { consumer, limit: 17 });
      if (some.length === 0) return;
      const shuffled = some.toSorted(() => Math.random() - 0.5);
      await store.broker.settle(
        consumer,
        shuffled.map((one) => {
          const [group = "", index] = one.id.split(":");
          return done(one, {
            result: record(one.id),
            ends: [end(group, Number(index))],
          });
        }),
      );
    }
  };
  await Promise.all(stores.map(work));
  assertEquals((await bodies(first)).length, count);
  const sql = postgres(server.url(), { max: 1 });
  const left = await sql.unsafe(`select * from ${schema}.task_group`);
  const [row] = await sql`select deadlocks::int from pg_stat_database
    where datname = current_database()`;
  await sql.end();
  assertEquals([left.length, row?.["deadlocks"]], [0, 0]);
});

for (const queue of [QUEUE, 'a\\n"b\nc', "long ".repeat(1_000)]) {
  const name = JSON.stringify(queue.slice(0, 20));
  test(`a body wakes who waits in another process, in ${name}`, async ({ open }) => {
    const [store, other] = [await open(), await open()];
    await store.broker.publish([message("m0")], {
      groups: [plan("g", 1, { queue })],
    });
    const [member] = await reserve(store);
    const waiting = reserve(other, { queues: [queue], wait: true });
    const start = performance.now();
    await store.broker.settle("c1", [done(member, { ends: [end("g")] })]);
    assertEquals(ids(await waiting), ["g body"]);
    assert(performance.now() - start < 3_000, "It was found, but not told of");
  });
}

test("a task that is kept wakes who waits for it", async ({ open }) => {
  const clock = new FakeClock();
  const [store, other] = [await open({ clock }), await open({ clock })];
  const eta = clock.now() + 60_000;
  await store.broker.publish([message("later", { eta })]);
  const waiting = reserve(other, { wait: true });
  const asked = { id: "later", terminate: true, keep: true, rememberUntil: 0 };
  assertEquals(await store.broker.cancel([asked, asked]), [
    "running",
    "running",
  ]);
  const [found] = await waiting;
  assertEquals([found?.id, found?.cancelled, found?.eta], ["later", true, eta]);
});

test("a body starts over, unless it is live", async ({ open }) => {
  const store = await open();
  const { broker, results } = store;
  await results.store([record("g body")]);
  await broker.publish([message("h body", { body: "old" }), ...messages(2)], {
    groups: [plan("g", 1), plan("h", 1)],
  });
  const [live, a, b] = await reserve(store);
  assertEquals(live?.id, "h body");
  await broker.settle("c1", [
    done(a, { ends: [end("g")] }),
    done(b, { ends: [end("h")] }),
  ]);
  assertEquals(await bodies(store), ["g body"]);
  assertEquals(await results.fetch(["g body"]), [undefined]);
});

test("groups begin if and only if the transaction commits", async ({ server, open }) => {
  const store = await open();
  const sql = postgres(server.url(), { max: 1 });
  const send = (id: string) =>
    sql.begin(async (tx) => {
      await store.broker.publish([message(id)], {
        transaction: tx,
        groups: [plan(`of ${id}`, 1)],
      });
      if (id === "gone") throw new Error("Changed my mind");
    });
  await send("gone").catch(() => {});
  await send("here");
  await sql.end();
  await store.broker.publish([message("gone")]);
  const found = await reserve(store);
  await store.broker.settle(
    "c1",
    found.map((one) => done(one, { ends: [end(`of ${one.id}`)] })),
  );
  assertEquals(await bodies(store), ["of here body"]);
});

test("marks of a group that has expired go in steps", async ({ server, schema, open }) => {
  const clock = new FakeClock();
  const { results } = await open({ clock });
  const size = 11_000;
  const expiresAt = clock.now() + 1_000;
  await results.openGroups([{ ...plan("g", size), expiresAt }, plan("h", 2)]);
  const ends = Array.from({ length: size }, (_, at) => end("g", at));
  assertEquals(await results.endMembers(ends.slice(1)), []);
  assertEquals(ids(await results.endMembers(ends)), ["g body"]);
  assertEquals(await results.endMembers([end("h", 1)]), []);
  clock.advance(1_000);
  assertEquals(await results.expire(10), 1);
  const sql = postgres(server.url(), { max: 1 });
  const left = await sql.unsafe(`select * from ${schema}.task_group_member`);
  await sql.end();
  assertEquals(left.length, 1);
});

test("a schema of the first version is brought up to date", async ({ server, schema, open }) => {
  const [first] = STEPS;
  await server.psql(`create schema ${schema}; ${first?.sql(schema)};
    create table ${schema}.meta (version int not null);
    insert into ${schema}.meta values (1);
    insert into ${schema}.task (id, queue, task, body)
      values ('old', 'default', 'tests.task', '{}')`);
  const store = await open();
  await store.broker.publish([message("new")], { groups: [plan("g", 2)] });
  const found = await reserve(store);
  assertEquals(ids(found), ["old", "new"]);
  await store.broker.settle(
    "c1",
    found.map((one) => done(one, { ends: [end("g")] })),
  );
  assertEquals(await bodies(store), ["g body"]);
});
