/**
 * Dead letters in their table.
 *
 * @module
 */

import type {
  Clock,
  DeadLetter,
  DeadLetters,
  Page,
  PageRequest,
  SettleAction,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { addMessages } from "./messages.ts";
import { allTuples, firstTuple, textOut, type Tuple } from "./rows.ts";
import { termsOut } from "./terms.ts";

/** How many dead letters one transaction moves or drops. */
const STEP = 500;

const BURY = `insert into lovage_dead
  (id, task, queue, priority, eta, body, losses, terms, reason, detail,
    died_at)
  select id, task, queue, priority, eta, body, losses, terms, ?, ?, ?
  from lovage_task where id = ? and consumer = ? and token = ?`;
const REMOVE = "delete from lovage_task " +
  "where id = ? and consumer = ? and token = ?";
const COLUMNS = `seq, id, task, queue, cast(priority as real),
  cast(eta as real), body, cast(losses as real), reason, detail, died_at, terms`;
const LIST = `select ${COLUMNS} from lovage_dead
  where seq < ? order by seq desc limit ?`;
const GET = `select ${COLUMNS} from lovage_dead where seq = ?`;
const NEXT = `select seq from lovage_dead where seq > ? and seq <= ?
  order by seq limit ${STEP}`;
const LAST = "select coalesce(max(seq), 0) from lovage_dead";
const DROP = "delete from lovage_dead where seq = ?";

/**
 * Moves a leased message to the dead letters, inside a transaction.
 *
 * @returns whether the lease held
 */
export function buryMessage(
  client: Client,
  fence: readonly [string, string, number],
  { reason, detail }: Extract<SettleAction, { kind: "dead" }>,
  diedAt: number,
): boolean {
  client.statement(BURY).run(reason, detail, diedAt, ...fence);
  return client.statement(REMOVE).run(...fence).changes === 1;
}

/** Lists, redrives and purges dead letters. */
export class SqliteDeadLetters implements DeadLetters {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #onQueued: () => void;

  /** @param onQueued called when messages went back to their queues */
  constructor(client: Client, clock: Clock, onQueued: () => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onQueued = onQueued;
  }

  list({ limit, cursor }: PageRequest): Promise<Page<DeadLetter>> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : +cursor;
    return this.#client.read(() => {
      const items = allTuples(this.#client.tuples(LIST), before, limit)
        .map(toLetter);
      const more = items.length >= limit;
      return { items, cursor: more ? items.at(-1)?.key ?? null : null };
    });
  }

  async redrive(keys: readonly string[] | null): Promise<number> {
    const count = await this.#eachStep(keys, (seq) => this.#redriveOne(seq));
    if (count > 0) this.#onQueued();
    return count;
  }

  purge(keys: readonly string[] | null): Promise<number> {
    return this.#eachStep(keys, (seq) => this.#drop(seq));
  }

  /** Works through the letters in steps, so that others get a turn. */
  async #eachStep(
    keys: readonly string[] | null,
    work: (seq: number) => boolean,
  ): Promise<number> {
    const seqs = keys === null ? await this.#all() : pick(keys);
    let count = 0;
    for await (const step of seqs) {
      count += await this.#client.write(() => step.filter(work).length);
    }
    return count;
  }

  /** All letters that are there now, by the step. */
  async #all(): Promise<AsyncIterable<number[]>> {
    const client = this.#client;
    const last = await client.read(() =>
      firstTuple(client.tuples(LAST))?.[0] as number
    );
    return (async function* () {
      for (let at = 0; at < last;) {
        const rows = await client.read(() =>
          allTuples(client.tuples(NEXT), at, last)
        );
        const step = rows.map((row) => row[0] as number);
        if (step.length === 0) return;
        at = step.at(-1) ?? last;
        yield step;
      }
    })();
  }

  #redriveOne(seq: number): boolean {
    const row = firstTuple(this.#client.tuples(GET), seq);
    if (row === undefined) return false;
    const { id, task, queue, priority, eta, body } = toLetter(row);
    const message = {
      ...{ id, task, queue, priority, eta, body },
      ...termsOut(row[11]),
    };
    const [added] = addMessages(this.#client, [message], this.#clock.now());
    return added === true && this.#drop(seq);
  }

  #drop(seq: number): boolean {
    return this.#client.statement(DROP).run(seq).changes === 1;
  }
}

/** Keys that can be keys, in the order of dying, by the step. */
function pick(keys: readonly string[]): number[][] {
  const seqs = [...new Set(keys.map(Number))].filter(Number.isSafeInteger)
    .sort((a, b) => a - b);
  const steps: number[][] = [];
  for (let at = 0; at < seqs.length; at += STEP) {
    steps.push(seqs.slice(at, at + STEP));
  }
  return steps;
}

function toLetter(row: Tuple): DeadLetter {
  return {
    key: String(row[0]),
    id: textOut(row[1]),
    task: textOut(row[2]),
    queue: textOut(row[3]),
    priority: row[4] as number ?? 0,
    eta: row[5] as number | null,
    body: textOut(row[6]),
    losses: row[7] as number ?? 0,
    reason: textOut(row[8]),
    detail: textOut(row[9]),
    diedAt: row[10] as number,
    ...termsOut(row[11]),
  };
}
