/**
 * What the SQLite store does per second, without any worker: batches of 1,000
 * published, reserved and settled with results, at `synchronous = FULL`,
 * beside the floor, the same rows put into a bare table by a bare statement
 * in the same run. Then the same with a short and a long backlog, to see that
 * nothing grows; the floor is measured again, as the machine is not constant.
 *
 * ```sh
 * deno run -A bench/sqlite_store.ts [backlog]
 * ```
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { sqliteStore } from "../adapters/sqlite/mod.ts";
import type { Message, Settlement, Store } from "../src/contracts/mod.ts";

const BATCH = 1_000;
const ROUNDS = 40;
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

async function publish(store: Store, batch: Message[]): Promise<void> {
  await store.broker.publish(batch);
}

async function work(store: Store): Promise<void> {
  const deliveries = await store.broker.reserve({
    ...{ consumer: "c1", queues: ["default"], limit: BATCH },
    ...{ wait: false, signal },
  });
  if (deliveries.length !== BATCH) throw new Error("Too few deliveries");
  const now = Date.now();
  const held = await store.broker.settle(
    "c1",
    deliveries.map(({ id, token, task }): Settlement => ({
      ...{ id, token, action: { kind: "ack" } },
      result: {
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      },
    })),
  );
  if (!held.every((one) => one)) throw new Error("A lease was lost");
}

function floor(db: DatabaseSync, batch: Message[]): void {
  const insert = db.prepare("insert into floor (id, body) values (?, ?)");
  db.exec("begin immediate");
  for (const one of batch) insert.run(one.id, one.body);
  db.exec("commit");
}

interface Times {
  readonly floor: number[];
  readonly publish: number[];
  readonly work: number[];
}

/** Measures all three in turns, so that each sees the same machine. */
async function measure(store: Store, db: DatabaseSync): Promise<Times> {
  const times: Times = { floor: [], publish: [], work: [] };
  const clocked = async (into: number[], run: () => unknown) => {
    const start = performance.now();
    await run();
    into.push(performance.now() - start);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const [one, two] = [batchOf(BATCH), batchOf(BATCH)];
    await clocked(times.floor, () => floor(db, one));
    await clocked(times.publish, () => publish(store, two));
    await clocked(times.work, () => work(store));
  }
  return times;
}

function perSecond(times: number[]): number {
  const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
  return BATCH / median * 1_000;
}

function report(title: string, times: Times, before?: Times): void {
  console.log(`${title}${before ? " (and the share of the rate before)" : ""}`);
  const base = perSecond(times.floor);
  for (const name of ["floor", "publish", "work"] as const) {
    const rate = perSecond(times[name]);
    const ratio = (rate / base).toFixed(2);
    const kept = before === undefined
      ? ""
      : `, ${(rate / perSecond(before[name])).toFixed(2)} of before`;
    const figure = Math.round(rate).toLocaleString("en").padStart(9);
    console.log(`  ${name.padEnd(8)} ${figure}/s  ${ratio} of floor${kept}`);
  }
}

const directory = await Deno.makeTempDir();
const db = new DatabaseSync(`${directory}/floor.db`);
db.exec("pragma journal_mode = wal; pragma synchronous = full");
db.exec("create table floor (seq integer primary key, id text unique, body)");
const store = sqliteStore({ path: `${directory}/lovage.db` });
await store.open();

await measure(store, db);
const empty = await measure(store, db);
report("empty, batches of 1,000", empty);

/** Adds as many queued and scheduled tasks, and twice as many results. */
async function fill(total: number): Promise<void> {
  for (let left = total; left > 0; left -= 10_000) {
    const size = Math.min(left, 10_000);
    await publish(store, batchOf(size));
    const eta = Date.now() + 3_600_000;
    await publish(store, batchOf(size, { eta: eta + left }));
    const now = Date.now();
    await store.results.store(
      batchOf(2 * size).map(({ id, task }) => ({
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 + left },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      })),
    );
  }
}

await fill(20_000);
const little = await measure(store, db);
report("20,000 queued and scheduled, 40,000 results", little, empty);
await fill(backlog);
const full = await measure(store, db);
const size = backlog.toLocaleString("en");
report(`${size} more queued and scheduled, with results`, full, little);
for (
  const [name, call] of Object.entries({
    queues: () => store.inspector.queues(),
    countByState: () => store.results.countByState(),
    tasks: () => store.inspector.tasks({ status: "scheduled" }, { limit: 100 }),
    query: () => store.results.query({ task: "none" }, { limit: 100 }),
  })
) {
  const start = performance.now();
  await call();
  console.log(`  ${name}: ${(performance.now() - start).toFixed(1)} ms`);
}

await store.close();
db.close();
await Deno.remove(directory, { recursive: true });
