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
} from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import type { Signals } from "./signals.ts";
import { termsOut } from "./terms.ts";
import { matches, quoteName, textOut } from "./text.ts";

/** How many dead letters one statement moves or drops. */
const STEP = 500;

/** Lists, redrives and purges dead letters. */
export class PostgresDeadLetters implements DeadLetters {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #list: string;
  readonly #next: string;
  readonly #redrive: string;
  readonly #purge: string;

  constructor(client: Client, clock: Clock, signals: Signals) {
    const s = quoteName(client.schema);
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#list = `select seq::text, id, task, queue, priority, eta::float8,
        body, losses, reason, detail, died_at::float8, terms
      from ${s}.dead where seq < $1::bigint order by seq desc limit $2::int`;
    this.#next = `select seq::text from ${s}.dead where seq > $1::bigint
      order by seq limit ${STEP}`;
    this.#redrive = `with picked as materialized (
        select * from ${s}.dead where seq = any ($1::bigint[])
        order by seq for update skip locked
      ), added as (
        insert into ${s}.task
          (id, task, queue, priority, eta, due, body, terms, token)
        select id, task, queue, priority, eta,
          case when eta > $2::bigint then eta end, body, terms,
          case when terms is not null then $2::bigint end
        from picked order by seq
        on conflict (id) do nothing
        returning id
      ), restarted as (
        delete from ${s}.result using added
        where ${matches("result.id", "added.id")} and ended
      ), moved as (
        delete from ${s}.dead where seq in (
          select min(picked.seq) from picked
          where id in (select id from added) group by id)
        returning 1
      )
      select count(*)::int from moved`;
    this.#purge = `with dropped as (
        delete from ${s}.dead where seq = any ($1::bigint[]) returning 1
      )
      select count(*)::int from dropped`;
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<DeadLetter>> {
    const before = isKey(cursor) ? cursor : "9223372036854775807";
    const rows = await this.#client.run(this.#list, [before, limit]);
    const items = rows.map(toLetter);
    const more = items.length >= limit;
    return { items, cursor: more ? items.at(-1)?.key ?? null : null };
  }

  async redrive(keys: readonly string[] | null): Promise<number> {
    let count = 0;
    for await (const step of this.#steps(keys)) {
      const now = this.#clock.now();
      const rows = await this.#client.run(this.#redrive, [step, now]);
      count += Number(rows[0]?.[0] ?? 0);
    }
    if (count > 0) this.#signals.queued(null, null);
    return count;
  }

  async purge(keys: readonly string[] | null): Promise<number> {
    let count = 0;
    for await (const step of this.#steps(keys)) {
      const rows = await this.#client.run(this.#purge, [step]);
      count += Number(rows[0]?.[0] ?? 0);
    }
    return count;
  }

  /** The keys in the order of dying, as arrays of bounded size. */
  async *#steps(keys: readonly string[] | null): AsyncGenerator<string> {
    if (keys !== null) {
      const all = [...new Set(keys)].filter(isKey);
      for (let at = 0; at < all.length; at += STEP) {
        yield `{${all.slice(at, at + STEP).join(",")}}`;
      }
      return;
    }
    for (let last = "0";;) {
      const rows = await this.#client.run(this.#next, [last]);
      const end = rows.at(-1)?.[0] as string | undefined;
      if (end === undefined) return;
      last = end;
      yield `{${rows.map((row) => row[0]).join(",")}}`;
    }
  }
}

function isKey(key: string | undefined): key is string {
  return key !== undefined && /^\d{1,18}$/.test(key);
}

function toLetter(row: Row): DeadLetter {
  return {
    key: String(row[0]),
    id: textOut(row[1]),
    task: textOut(row[2]),
    queue: textOut(row[3]),
    priority: row[4] as number,
    eta: row[5] as number | null,
    body: textOut(row[6]),
    losses: row[7] as number,
    reason: textOut(row[8]),
    detail: textOut(row[9]),
    diedAt: row[10] as number,
    ...termsOut(row[11]),
  };
}
