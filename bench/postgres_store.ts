/**
 * What the PostgreSQL store does per second, without any worker, on a server
 * that it starts itself (fsync on) or on the one of a URL: messages published,
 * reserved and settled, with and without results, in batches of 100, 500 and
 * 1,000, and one at a time; beside the floor, the same rows put into a bare
 * table by a bare statement in the same run. Then the same with a long
 * backlog, to see that nothing grows.
 *
 * ```sh
 * deno run -A bench/postgres_store.ts [backlog] [url]
 * ```
 *
 * @module
 */

import postgres from "postgres";
import { postgresStore } from "../adapters/postgres/mod.ts";
import type { Message, Settlement, Store } from "../src/contracts/mod.ts";
import { startPostgres } from "../tests/adapters/fixtures/postgres_server.ts";

const SIZES = [100, 500, 1_000];
const PER_SIZE = 30_000;
const SINGLES = 500;
const IN_FLIGHT = 100;
const backlog = Number(Deno.args[0] ?? 500_000);
const signal = new AbortController().signal;
const body = JSON.stringify({ args: ["a.png", 640], root: "x".repeat(60) });

/** Ids that rise with time, as the producer's do. */
function id(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${
    crypto.randomUUID().slice(15)
  }`;
}

function batchOf(size: number, changes: Partial<Message> = {}): Message[] {
  return Array.from({ length: size }, () => ({
    ...{ id: id(), task: "images.resize", queue: "default", priority: 5 },
    ...{ eta: null, body },
    ...changes,
  }));
}

async function work(
  store: Store,
  size: number,
  results: boolean,
): Promise<void> {
  const deliveries = await store.broker.reserve({
    ...{ consumer: "c1", queues: ["default"], limit: size },
    ...{ wait: false, signal },
  });
  if (deliveries.length !== size) throw new Error("Too few deliveries");
  const now = Date.now();
  const held = await store.broker.settle(
    "c1",
    deliveries.map(({ id, token, task }): Settlement => ({
      ...{ id, token, action: { kind: "ack" } },
      result: !results ? undefined : {
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      },
    })),
  );
  if (!held.every((one) => one)) throw new Error("A lease was lost");
}

type Sql = ReturnType<typeof postgres>;

async function floor(sql: Sql, batch: Message[]): Promise<void> {
  const ids = batch.map((one) => one.id);
  const bodies = batch.map((one) => one.body);
  await sql`insert into floor (id, body)
    select * from unnest(${ids}::text[], ${bodies}::text[])`;
}

/** The median rate of each kind of call, per second. */
type Rates = Map<string, number>;

async function measure(store: Store, sql: Sql): Promise<Rates> {
  const times = new Map<string, { size: number; all: number[] }>();
  const clocked = async (
    name: string,
    size: number,
    run: () => Promise<unknown>,
  ) => {
    const start = performance.now();
    await run();
    const entry = times.get(name) ?? { size, all: [] };
    entry.all.push(performance.now() - start);
    times.set(name, entry);
  };
  for (const size of SIZES) {
    // All in turns, so that each sees the same machine.
    for (let round = 0; round < PER_SIZE / size; round++) {
      const [one, two, three] = [batchOf(size), batchOf(size), batchOf(size)];
      await clocked(`floor, ${size}`, size, () => floor(sql, one));
      await clocked(`publish, ${size}`, size, () => store.broker.publish(two));
      await clocked(`work, ${size}`, size, () => work(store, size, false));
      await store.broker.publish(three);
      const name = `work with results, ${size}`;
      await clocked(name, size, () => work(store, size, true));
    }
  }
  for (let round = 0; round < SINGLES; round++) {
    const [one, two] = [batchOf(1), batchOf(1)];
    await clocked("floor, 1", 1, () => floor(sql, one));
    await clocked("publish, 1", 1, () => store.broker.publish(two));
    await clocked("work, 1", 1, () => work(store, 1, false));
  }
  // As a producer with calls in flight sends them: what comes while a batch
  // is under way is the next batch.
  await clocked(`publish, ${IN_FLIGHT} in flight`, PER_SIZE, async () => {
    for (let left = PER_SIZE; left > 0; left -= IN_FLIGHT) {
      await store.broker.publish(batchOf(IN_FLIGHT));
    }
  });
  for (let left = PER_SIZE; left > 0; left -= 1_000) {
    await work(store, 1_000, false);
  }
  return new Map(
    [...times].map(([name, { size, all }]) => {
      const median = all.toSorted((a, b) => a - b)[all.length >> 1] ?? NaN;
      return [name, size / median * 1_000];
    }),
  );
}

function report(title: string, rates: Rates, before?: Rates): void {
  console.log(`${title}${before ? " (and the share of the rate before)" : ""}`);
  for (const [name, rate] of rates) {
    const base = rates.get(`floor, ${/\d+/.exec(name)?.[0]}`) ?? NaN;
    const share = name.startsWith("floor")
      ? ""
      : `  ${(rate / base).toFixed(2)} of floor`;
    const kept = before === undefined
      ? ""
      : `  ${(rate / (before.get(name) ?? NaN)).toFixed(2)} of before`;
    const figure = Math.round(rate).toLocaleString("en").padStart(9);
    console.log(`  ${name.padEnd(24)} ${figure}/s${share}${kept}`);
  }
}

/** Adds as many queued and scheduled tasks, and twice as many results. */
async function fill(store: Store, total: number): Promise<void> {
  for (let left = total; left > 0; left -= 5_000) {
    const size = Math.min(left, 5_000);
    const eta = Date.now() + 3_600_000 + left;
    const now = Date.now();
    await store.broker.publish(batchOf(size));
    await store.broker.publish(batchOf(size, { eta }));
    await store.results.store(
      batchOf(2 * size).map(({ id, task }) => ({
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 + left },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      })),
    );
  }
}

async function glance(store: Store): Promise<void> {
  const page = { limit: 100 };
  const calls = {
    queues: () => store.inspector.queues(),
    countByState: () => store.results.countByState(),
    queued: () => store.inspector.tasks({ status: "queued" }, page),
    scheduled: () => store.inspector.tasks({ status: "scheduled" }, page),
    query: () => store.results.query({ task: "none" }, page),
  };
  for (const [name, call] of Object.entries(calls)) {
    const start = performance.now();
    await call();
    console.log(`  ${name}: ${(performance.now() - start).toFixed(1)} ms`);
  }
}

const server = Deno.args[1] === undefined
  ? await startPostgres("max_wal_size = 4GB")
  : undefined;
const url = server?.url() ?? Deno.args[1] ?? "";
const sql = postgres(url, { max: 1, onnotice: () => {} });
const store = postgresStore({ url, schema: "lovage_bench" });
try {
  await sql`drop schema if exists lovage_bench cascade`;
  await sql`drop table if exists floor`;
  await sql`create table floor (
    seq bigserial primary key, id text unique, body text)`;
  await store.open();
  await measure(store, sql);
  const empty = await measure(store, sql);
  report("empty", empty);
  await fill(store, backlog);
  await measure(store, sql);
  const full = await measure(store, sql);
  const size = backlog.toLocaleString("en");
  report(`${size} queued and scheduled, twice as many results`, full, empty);
  await glance(store);
} finally {
  await store.close();
  await sql`drop schema if exists lovage_bench cascade`;
  await sql`drop table if exists floor`;
  await sql.end();
  await server?.dispose();
}
