/**
 * The raw floor: the same rows as a queue must write, through `node:sqlite`
 * in batches of a thousand, with hand-written statements and no queue around
 * them.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { Turn } from "./measure.ts";

const BATCH = 1000;

const SCHEMA = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table task (seq integer primary key, id text unique, task text,
    queue text, priority integer, eta integer, consumer text, token integer,
    body text);
  create index ready on task (queue, priority) where consumer is null;
  create index held on task (consumer) where consumer is not null;
  create table result (seq integer primary key autoincrement, id text unique,
    state text, task text, worker text, updated_at integer,
    expires_at integer, value text, meta text);
  create index expiry on result (expires_at);
`;

/** The rows. */
export const FLOOR = {
  enqueue: "insert, /s",
  drain: "claim, delete and store a result, /s",
} as const;

const TASKS = 50_000;

/** Measures both halves of a queue's work. */
export async function measureFloor({ scale, note }: Turn): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lovage-floor-" });
  const db = new DatabaseSync(`${folder}/floor.db`);
  try {
    db.exec(SCHEMA);
    const count = scale(TASKS);
    const ids = Array.from({ length: count }, () => crypto.randomUUID()).sort();
    note(FLOOR.enqueue, rate(count, () => insertAll(db, ids)), "floor");
    note(FLOOR.drain, rate(count, () => drainAll(db)), "floor");
  } finally {
    db.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function rate(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return count / (performance.now() - start) * 1000;
}

function insertAll(db: DatabaseSync, ids: readonly string[]): void {
  const insert = db.prepare(
    "insert into task (id, task, queue, priority, body) values (?, ?, ?, ?, ?)",
  );
  for (let from = 0; from < ids.length; from += BATCH) {
    db.exec("begin immediate");
    for (const id of ids.slice(from, from + BATCH)) {
      insert.run(id, "bench.noop", "default", 4, BODY);
    }
    db.exec("commit");
  }
}

function drainAll(db: DatabaseSync): void {
  const select = db.prepare(`select seq, id, body from task
    where consumer is null and queue = 'default' order by priority limit ?`);
  const claim = db.prepare(`update task set consumer = 'me', token = 1
    where seq in (select seq from task where consumer is null
      and queue = 'default' order by priority limit ?)`);
  const remove = db.prepare("delete from task where seq = ? and token = 1");
  const store = db.prepare(`insert into result
    (id, state, task, worker, updated_at, expires_at, value, meta)
    values (?, 'SUCCESS', 'bench.noop', 'me@here', ?, ?, '1', ?)`);
  for (;;) {
    db.exec("begin immediate");
    const rows = select.all(BATCH);
    claim.run(BATCH);
    db.exec("commit");
    if (rows.length === 0) return;
    const now = Date.now();
    db.exec("begin immediate");
    for (const { seq, id } of rows) {
      remove.run(seq as number);
      store.run(id as string, now, now + 86_400_000, META);
    }
    db.exec("commit");
  }
}

// As long as what Lovage writes for the task that is measured.
const BODY = JSON.stringify({
  v: 1,
  id: crypto.randomUUID(),
  task: "bench.noop",
  args: [1, "x".repeat(80)],
  retries: 0,
  sentAt: Date.now(),
  rootId: crypto.randomUUID(),
  queue: "default",
  priority: 4,
});
const META = JSON.stringify({
  times: {
    PENDING: Date.now(),
    RECEIVED: Date.now(),
    STARTED: Date.now(),
    SUCCESS: Date.now(),
  },
  retries: 0,
});
