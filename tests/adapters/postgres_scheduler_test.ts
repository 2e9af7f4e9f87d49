/**
 * Schedules: what is particular to one statement per call, over several
 * connections, faults and clocks.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { postgresStore } from "../../adapters/postgres/mod.ts";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import { STEPS } from "../../adapters/postgres/schema.ts";
import type {
  Firing,
  SchedulePut,
  ScheduleRecord,
  Store,
} from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  eventually,
  ids,
  letWait,
  message,
  record,
  reserve,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { testScheduler } from "../../src/testing/conformance/mod.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { whyNoPostgres } from "./fixtures/postgres_server.ts";
import {
  newSchema,
  postgresServer,
  postgresSuite,
} from "./fixtures/postgres_suite.ts";

const test = postgresSuite();
const server = postgresServer();

// All that a pooler in transaction mode leaves: no LISTEN, nothing prepared.
testScheduler({
  test: (name, fn, skip) =>
    Deno.test({
      name: `postgres without a session, ${name}`,
      ignore: skip !== undefined || whyNoPostgres() !== undefined,
      fn,
    }),
  fresh: async () => {
    const url = (await server()).url();
    const schema = newSchema();
    return {
      store: (options) =>
        postgresStore({ ...options, url, schema, listen: false }),
    };
  },
});

const DUE = 5_000;

function entry(name: string, rest: Partial<SchedulePut> = {}): SchedulePut {
  return { name, body: "{}", dueAt: DUE, ...rest };
}

function firing(
  { name, revision, dueAt }: ScheduleRecord,
  rest: Partial<Firing> = {},
): Firing {
  assert(dueAt !== null);
  const messages = [message(`${name}-${dueAt}`)];
  return {
    ...{ name, revision, dueAt, nextAt: dueAt + 1_000 },
    ...{ state: "fired", messages, ...rest },
  };
}

function series(count: number, prefix = "e"): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

async function written(
  { scheduler }: Store,
  names: readonly string[],
): Promise<ScheduleRecord[]> {
  await scheduler.put(names.map((name) => entry(name)));
  return (await scheduler.fetch(names)).filter((one) => one !== null);
}

const ODD = [
  ...["\u0001", '\u0001"x"', "a\u001fb", "\u001f", "\u007f"],
  ...["NULL", "null", "{a,b}", 'a"b', "a\\b", "a,b", " a ", "a\nb", "'", "%_"],
  ...["\u00e9", "e\u0301", "\ufffd", "\u{10ffff}", "x".repeat(255)],
];

function byBytes(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => [...name]);
  assert(left && right);
  const at = left.findIndex((char, at) => char !== right[at]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}

test("a name may hold anything, and sorts by its code points", async ({ open }) => {
  const store = await open();
  const { scheduler } = store;
  const entries = await written(store, ODD);
  assertEquals(entries.map(({ name }) => name), ODD);
  const found: string[] = [];
  for (let after: string | null = null;;) {
    const page = await scheduler.list(after, 1);
    found.push(...page.records.map(({ name }) => name));
    if ((after = page.next) === null) break;
  }
  assertEquals(found, ODD.toSorted(byBytes));
  const fired = await scheduler.fire(entries.map((one) => firing(one)));
  assertEquals(fired, ODD.map(() => true));
  assertEquals(await scheduler.remove(ODD), ODD.map(() => true));
});

test("texts that PostgreSQL does not take are kept", async ({ open }) => {
  const { scheduler } = await open();
  const text = "\0 \ud800 \u001f \u0001";
  await scheduler.put([entry("a", { body: text }), entry("b", { body: "" })]);
  const [a, b] = await scheduler.fetch(["a", "b"]);
  assert(a && b);
  assertEquals([a.body, b.body], [text, ""]);
  const odd = message("odd", { body: text, queue: "default" });
  await scheduler.fire([
    firing(a, { state: text, messages: [odd] }),
    firing(b, { state: "", messages: [] }),
  ]);
  const states = (await scheduler.fetch(["a", "b"])).map((one) => one?.state);
  assertEquals(states, [text, ""]);
});

test("a name that occurs twice in a call is written once", async ({ open }) => {
  const { scheduler } = await open();
  const answer = await scheduler.put([
    entry("a", { body: "first" }),
    entry("a", { body: "last" }),
    entry("b", { body: "first", expected: null }),
    entry("b", { body: "last", expected: null }),
  ]);
  assertEquals(answer, [1, 1, 1, null]);
  const found = await scheduler.fetch(["a", "b"]);
  assertEquals(found.map((one) => one?.body), ["last", "first"]);
  assertEquals(await scheduler.remove(["a", "a", "b"]), [true, false, true]);
});

test("an entry that occurs twice in a batch is fired once", async ({ open }) => {
  const store = await open();
  const [a] = await written(store, ["a"]);
  assert(a);
  const once = firing(a, { messages: [message("first")] });
  const again = firing(a, { messages: [message("second")] });
  assertEquals(await store.scheduler.fire([once, again]), [true, false]);
  assertEquals(ids(await reserve(store)), ["first"]);
});

test("ten thousand entries are written in one call", async ({ open }) => {
  const { scheduler } = await open();
  const names = series(10_000);
  const answer = await scheduler.put(names.map((name) => entry(name)));
  assertEquals(new Set(answer), new Set([1]));
  const again = names.map((name, at) =>
    entry(name, { expected: at % 2 === 0 ? 1 : null })
  );
  const half = await scheduler.put(again);
  assertEquals(half.slice(0, 4), [2, null, 2, null]);
  const removed = await scheduler.remove(names);
  assertEquals(removed.filter(Boolean).length, 10_000);
  assertEquals((await scheduler.leader()).revision, 3);
});

test("a thousand firings are one statement", async ({ server, schema, open }) => {
  const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  try {
    let statements = 0;
    const spy: PostgresSql = Object.assign(() => {}, {
      unsafe(text: string, values: unknown[] = [], options = {}) {
        statements++;
        return (sql as unknown as PostgresSql).unsafe(text, values, options);
      },
    });
    const store = await open({ sql: spy, schema, listen: false });
    const entries = await written(store, series(1_000));
    statements = 0;
    const fired = await store.scheduler.fire(entries.map((e) => firing(e)));
    assertEquals([statements, fired.filter(Boolean).length], [1, 1_000]);
  } finally {
    await sql.end();
  }
});

test("messages of firings arrive in the order of the batch", async ({ open }) => {
  const store = await open();
  const entries = await written(store, ["c", "a", "b"]);
  await store.scheduler.fire(entries.map((one) =>
    firing(one, {
      messages: [message(`${one.name}2`), message(`${one.name}1`)],
    })
  ));
  const found = ids(await reserve(store));
  assertEquals(found, ["c2", "c1", "a2", "a1", "b2", "b1"]);
});

test("a task that a firing sends again starts over", async ({ open }) => {
  const store = await open();
  await store.results.store([record("a-5000"), record("other")]);
  const [a] = await written(store, ["a"]);
  assert(a);
  assertEquals(await store.scheduler.fire([firing(a)]), [true]);
  const found = await store.results.fetch(["a-5000", "other"]);
  assertEquals(found.map((one) => one?.id), [undefined, "other"]);
});

test("a firing wakes who waits in another process", async ({ open }) => {
  const [store, other] = [await open(), await open()];
  const [a] = await written(store, ["a"]);
  assert(a);
  const waiting = reserve(other, { wait: true });
  await letWait();
  const start = performance.now();
  await store.scheduler.fire([firing(a)]);
  assertEquals(ids(await soon("the message", waiting)), ["a-5000"]);
  assert(performance.now() - start < 3_000, "It was found, but not told of");
});

test("a firing of nothing says what an earlier call had left to say", async ({ open }) => {
  const [store, other] = [await open(), await open()];
  const [a] = await written(store, ["a"]);
  assert(a);
  await store.scheduler.fire([firing(a, { messages: [] })]);
  const waiting = reserve(other, { queues: ["late"], wait: true });
  await letWait();
  const start = performance.now();
  // The second is silent, so soon after the first; the firing is to tell.
  await Promise.all([
    store.broker.publish([message("one", { queue: "early" })]),
    store.broker.publish([message("two", { queue: "late" })]),
  ]);
  assertEquals(await store.scheduler.fire([firing(a)]), [false]);
  assertEquals(ids(await soon("the message", waiting)), ["two"]);
  assert(performance.now() - start < 3_000, "It was found, but not told of");
});

test("puts, removals and firings of many processes never wait in a circle", async ({ server, schema, open }) => {
  const stores = await Promise.all([1, 2, 3, 4].map(() => open()));
  const [first] = stores;
  assert(first);
  const names = series(60);
  await written(first, names);
  let fired = 0;
  let changes = 1;
  const shuffled = () => names.toSorted(() => Math.random() - 0.5);
  const work = async ({ scheduler }: Store) => {
    for (let n = 0; n < 25; n++) {
      const all = await scheduler.fetch(shuffled());
      const known = all.filter((one) => one !== null);
      const answer = await scheduler.fire(known.map((one) => firing(one)));
      fired += answer.filter(Boolean).length;
      const put = await scheduler.put(
        shuffled().map((name, at) =>
          entry(
            name,
            [
              {},
              { expected: null },
              {
                expected: known.find((one) => one.name === name)?.revision ?? 0,
              },
            ][at % 3],
          )
        ),
      );
      if (put.some((one) => one !== null)) changes++;
      const removed = await scheduler.remove(shuffled().slice(0, 20));
      if (removed.includes(true)) changes++;
    }
  };
  await Promise.all(stores.map(work));
  assertEquals((await first.scheduler.leader()).revision, changes);
  assert(fired > 0);
  const sql = postgres(server.url(), { max: 1 });
  const [row] = await sql.unsafe(`select deadlocks::int,
    (select max(revision) <= ${changes} from ${schema}.schedule) as fits
    from pg_stat_database where datname = current_database()`);
  await sql.end();
  assertEquals([row?.["deadlocks"], row?.["fits"]], [0, true]);
});

test("of many that expect one revision, one writes", async ({ open }) => {
  const stores = await Promise.all([1, 2, 3, 4].map(() => open()));
  for (const expected of [null, 1]) {
    const answers = await Promise.all(
      stores.flatMap(({ scheduler }) =>
        [1, 2, 3].map(() => scheduler.put([entry("a", { expected })]))
      ),
    );
    const written = answers.flat().filter((one) => one !== null);
    assertEquals(written, [expected === null ? 1 : 2]);
  }
});

test("a firing that is cut off midway leaves nothing behind", async ({ server, schema, open }) => {
  const store = await open({ retryFor: 0, max: 1, listen: false });
  const other = await open();
  const entries = await written(other, ["a", "b", "c"]);
  const sql = postgres(server.url(), { max: 1 });
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = sql.begin(async (tx) => {
    await tx.unsafe(
      `select 1 from ${schema}.schedule where name = 'b' for update`,
    );
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  // By then it has moved the first entry on, and waits for the second one.
  const all = entries.map((one) => firing(one));
  const refused = assertRejects(() => store.scheduler.fire(all), StoreError);
  const waits = `from pg_stat_activity where wait_event_type = 'Lock'
    and application_name = 'lovage' and query like '%${schema}%'`;
  await eventually(
    "the lock",
    async () => await server.psql(`select count(*) ${waits}`) === "1",
  );
  await server.psql(`select pg_terminate_backend(pid) ${waits}`);
  await refused;
  release.resolve();
  await holding;
  await sql.end();
  assertEquals(await other.scheduler.fetch(["a", "b", "c"]), entries);
  assertEquals(await reserve(other), []);
  assertEquals(await other.scheduler.fire(all), [true, true, true]);
  assertEquals(ids(await reserve(other)), ["a-5000", "b-5000", "c-5000"]);
});

test("what was fired survives a crash of the server", async ({ server, open }) => {
  const store = await open();
  const [a, b] = await written(store, ["a", "b"]);
  assert(a && b);
  await store.scheduler.fire([firing(a)]);
  await store.scheduler.remove(["b"]);
  await server.stop("immediate");
  await server.start();
  assertEquals(await store.scheduler.fire([firing(a), firing(b)]), [
    false,
    false,
  ]);
  assertEquals(ids(await reserve(store)), ["a-5000"]);
  const { revision } = await store.scheduler.leader();
  assertEquals(revision, 2);
  assertEquals(await store.scheduler.put([entry("b")]), [3]);
});

test("leases end by the server's time, whatever that of the process", async ({ server, open }) => {
  const { scheduler } = await open();
  const first = await scheduler.lead({ id: "a", name: "a", lease: 600_000 });
  const real = Date.now;
  try {
    Date.now = () => real() + 3_600_000;
    const held = await scheduler.lead({ id: "b", name: "b", lease: 1_000 });
    assertEquals([held.id, held.until], ["a", first.until]);
    const now = await server.psql("select extract(epoch from now()) * 1000");
    assert(Math.abs(held.now - Number(now)) < 60_000, `${held.now}, ${now}`);
  } finally {
    Date.now = real;
  }
});

test("a lease is not binding once the clock was set back", async ({ open }) => {
  const clock = new FakeClock(1_000_000);
  const before = new FakeClock(999_100);
  const longBefore = new FakeClock(900_000);
  const [a, b, c] = await Promise.all(
    [clock, before, longBefore].map((clock) => open({ clock })),
  );
  assert(a && b && c);
  const candidate = (id: string) => ({ id, name: id, lease: 10_000 });
  await a.scheduler.lead(candidate("a"));
  assertEquals((await b.scheduler.lead(candidate("b"))).id, "a");
  assertEquals((await c.scheduler.leader()).id, null);
  const { id, now, until } = await c.scheduler.lead(candidate("c"));
  assertEquals([id, now, until], ["c", 900_000, 910_000]);
});

test("who does not lead writes nothing when it asks", async ({ server, schema, open }) => {
  const { scheduler } = await open();
  const candidate = (id: string) => ({ id, name: id, lease: 600_000 });
  await scheduler.lead(candidate("a"));
  const version = () =>
    server.psql(`select xmin, ctid from ${schema}.schedule_leader`);
  const before = await version();
  assertEquals((await scheduler.lead(candidate("b"))).id, "a");
  assertEquals(await version(), before);
  await scheduler.lead(candidate("a"));
  assert(await version() !== before);
});

test("answers that nobody can ask for any more are forgotten", async ({ server, schema, open }) => {
  const clock = new FakeClock();
  const [store, gone] = [await open({ clock }), await open({ clock })];
  const senders = async () =>
    await server.psql(`select count(*) from ${schema}.operation_answer`);
  await written(gone, ["a"]);
  await written(store, ["a"]);
  clock.advance(3_600_000);
  await written(store, ["a"]);
  assertEquals(await senders(), "2");
  clock.advance(600_000);
  await written(store, ["a"]);
  assertEquals(await senders(), "1");
});

test("a schema without schedules is brought up to date", async ({ server, schema, open }) => {
  const [first, second, ...later] = STEPS;
  await server.psql(`create schema ${schema}; ${first?.sql(schema)};
    ${second?.sql(schema)};
    create table ${schema}.meta (version int not null);
    insert into ${schema}.meta values (2);
    insert into ${schema}.task (id, queue, task, body)
      values ('old', 'default', 'tests.task', '{}')`);
  const behind = postgresStore({ url: server.url(), schema });
  const status = await behind.migrations?.status();
  assertEquals(status?.version, 2);
  assertEquals(status?.pending, later.map(({ does }) => does));
  await behind.close();
  const stores = await Promise.all([1, 2, 3].map(() => open()));
  const [store] = stores;
  assert(store);
  assertEquals((await store.scheduler.leader()).revision, 0);
  const [a] = await written(store, ["a"]);
  assert(a);
  await store.scheduler.fire([firing(a)]);
  assertEquals(ids(await reserve(store)), ["old", "a-5000"]);
});
