/**
 * Pages of live tasks. One index serves each status; where the order of the
 * page is not that of the index, the page is merged from the groups in which
 * it is (a queue, a priority), each of which gives no more than a page.
 *
 * @module
 */

import type {
  LiveFilter,
  LiveTask,
  Page,
  PageRequest,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { allTuples, firstTuple, textOut, type Tuple } from "./rows.ts";
import { linesOf } from "./lines.ts";
import { queueOf, termsOut } from "./terms.ts";

/** The most rows that one call looks at. */
const WINDOW = 5_000;

const READ = `select id, task, queue, cast(priority as real),
  cast(eta as real), body, due is not null, consumer, cast(losses as real),
  cancelled <> 0, terms, line from lovage_task where seq = ?`;

const HELD = `select seq from lovage_task indexed by lovage_task_held
  where consumer is not null and seq > ?1 and (?2 is null or queue = ?2)
  order by seq limit ?3`;

const READY = "from lovage_task indexed by lovage_task_ready " +
  "where consumer is null and due is null";
// What is no number, or too great for one, was put in by hand: not listed.
const NEXT_PRIORITY = `select priority ${READY} and queue = ?
  and priority > ? and priority < 9e15 order by priority limit 1`;
const READY_IN = `select seq ${READY} and queue = ? and priority = ?
  and seq > ? order by seq limit ?`;
const ARRIVALS = `select seq, consumer is null and due is null, queue, line
  from lovage_task where seq > ? order by seq limit ${WINDOW}`;

const SCHEDULED = "from lovage_task indexed by lovage_task_scheduled " +
  "where consumer is null and due is not null";
const NEXT_QUEUE = `select queue ${SCHEDULED} and queue > ?
  order by queue limit 1`;
const SCHEDULED_IN = `select seq, due ${SCHEDULED} and queue = ?
  and (due, seq) > (?, ?) order by due, seq limit ?`;

/** The live task of this number. */
export function readLive(client: Client, seq: number): LiveTask | undefined {
  const row = firstTuple(client.tuples(READ), seq);
  if (row === undefined) return undefined;
  const consumer = row[7] === null ? null : textOut(row[7]);
  return {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue: queueOf(row[2], row[11]),
    priority: row[3] as number ?? 0,
    eta: row[4] as number | null,
    body: textOut(row[5]),
    status: consumer !== null ? "running" : row[6] ? "scheduled" : "queued",
    consumer,
    losses: row[8] as number ?? 0,
    cancelled: row[9] === 1,
    ...termsOut(row[10]),
  };
}

/** Lists live tasks. */
export function listLive(
  client: Client,
  filter: LiveFilter,
  page: PageRequest,
): Page<LiveTask> {
  const { keys, cursor } = listKeys(client, filter, page);
  const items = keys.map((seq) => readLive(client, seq))
    .filter((task) => task !== undefined);
  return { items, cursor };
}

interface Keys {
  readonly keys: readonly number[];
  readonly cursor: string | null;
}

function listKeys(
  client: Client,
  { status, queue }: LiveFilter,
  { limit, cursor }: PageRequest,
): Keys {
  if (status === "scheduled") {
    return listScheduled(client, queue, limit, cursor);
  }
  const after = Number(cursor ?? 0);
  if (status === "running") {
    const rows = allTuples(client.tuples(HELD), after, queue ?? null, limit);
    return pageOf(rows, limit);
  }
  return queue === undefined || linesOf(client, queue).length > 0
    ? listArrivals(client, queue, limit, after)
    : listQueued(client, queue, limit, after);
}

function pageOf(rows: readonly Tuple[], limit: number): Keys {
  const keys = rows.slice(0, limit).map((row) => row[0] as number);
  const last = keys.at(-1);
  const more = keys.length >= limit && last !== undefined;
  return { keys, cursor: more ? String(last) : null };
}

/**
 * Queued in any queue, or in one of which limits may hold some back: the table
 * itself has their order.
 */
function listArrivals(
  client: Client,
  queue: string | undefined,
  limit: number,
  after: number,
): Keys {
  const rows = allTuples(client.tuples(ARRIVALS), after);
  const ready = rows.filter((row) =>
    row[1] === 1 && (queue === undefined || queueOf(row[2], row[3]) === queue)
  );
  if (ready.length >= limit) return pageOf(ready, limit);
  const last = rows.length === WINDOW ? rows.at(-1)?.[0] : undefined;
  return {
    keys: ready.map((row) => row[0] as number),
    cursor: last === undefined ? null : String(last),
  };
}

/** Queued in one queue: merged from its priorities. */
function listQueued(
  client: Client,
  queue: string,
  limit: number,
  after: number,
): Keys {
  const rows: Tuple[] = [];
  const next = client.tuples(NEXT_PRIORITY);
  let priority = firstTuple(next, queue, Number.MIN_SAFE_INTEGER)?.[0];
  while (typeof priority === "number") {
    const part = allTuples(
      client.tuples(READY_IN),
      ...[queue, priority, after, limit],
    );
    for (const row of part) rows.push(row);
    priority = firstTuple(next, queue, priority)?.[0];
  }
  rows.sort((a, b) => (a[0] as number) - (b[0] as number));
  return pageOf(rows, limit);
}

/** Scheduled: merged from the queues. */
function listScheduled(
  client: Client,
  queue: string | undefined,
  limit: number,
  cursor: string | undefined,
): Keys {
  const [due = 0, seq = 0] = cursor?.split(":").map(Number) ??
    [Number.MIN_SAFE_INTEGER, 0];
  const rows: Tuple[] = [];
  for (const name of queue === undefined ? queuesOf(client) : [queue]) {
    const part = allTuples(
      client.tuples(SCHEDULED_IN),
      ...[name, due, seq, limit],
    );
    for (const row of part) rows.push(row);
  }
  rows.sort((a, b) =>
    (a[1] as number) - (b[1] as number) || (a[0] as number) - (b[0] as number)
  );
  const page = rows.slice(0, limit);
  const last = page.length >= limit ? page.at(-1) : undefined;
  return {
    keys: page.map((row) => row[0] as number),
    cursor: last === undefined ? null : `${last[1]}:${last[0]}`,
  };
}

function* queuesOf(client: Client): Generator<string> {
  const next = client.tuples(NEXT_QUEUE);
  let queue = firstTuple(next, "")?.[0];
  while (typeof queue === "string") {
    yield queue;
    queue = firstTuple(next, queue)?.[0];
  }
}
