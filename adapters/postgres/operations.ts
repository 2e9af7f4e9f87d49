/**
 * Operations that are carried out once, however often they are sent: each
 * says its number in a row of its slot, in the transaction that it is. A
 * slot is used by one operation at a time, so there are few, and a number that
 * is not above the last one was there before.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client, Param, Row } from "./client.ts";

/** Nobody sends an operation again after so long, in ms. */
const MEMORY = 3_600_000;
/** The time between two looks for what can be forgotten, in ms. */
const SWEEP = 600_000;

/** Numbers the operations of one store. */
export class Operations {
  readonly #client: Client;
  readonly #forget: string;
  readonly #forgetAnswers: string;
  readonly #recall: string;
  readonly #sender = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  readonly #free: number[] = [];
  #slots = 0;
  #number = 0;
  #sweptAt = -Infinity;
  #answersSweptAt: number | undefined;

  constructor(client: Client, s: string) {
    this.#client = client;
    this.#forget = `delete from ${s}.operation where at < $1::bigint`;
    this.#forgetAnswers = `delete from ${s}.operation_answer
      where at < $1::bigint`;
    this.#recall = `select answer from ${s}.operation_answer
      where slot = $1::text and number = $2::bigint`;
  }

  /** Runs a call with the parameters of {@linkcode onceSql}. */
  async once<T>(
    now: number,
    call: (params: Param[]) => Promise<T>,
  ): Promise<T> {
    const slot = this.#free.pop() ?? this.#slots++;
    try {
      return await call([`${this.#sender}:${slot}`, ++this.#number, now]);
    } finally {
      this.#free.push(slot);
    }
  }

  /**
   * Runs a statement that ends as {@linkcode answerSql} has it. Sent again, it
   * finds nothing to do; the answer is then that of the first time.
   *
   * @param call told the parameters of {@linkcode onceSql}
   */
  async answer(
    now: number,
    call: (params: Param[]) => Promise<readonly Row[]>,
  ): Promise<string> {
    const answer = await this.once(now, async (params) => {
      const [row] = await call(params);
      if (row !== undefined) return String(row[0]);
      const [kept] = await this.#client.run(this.#recall, params.slice(0, 2));
      if (kept === undefined) throw isForgotten(this.#client);
      return String(kept[0]);
    });
    await this.#sweepAnswers(now);
    return answer;
  }

  async #sweepAnswers(now: number): Promise<void> {
    this.#answersSweptAt ??= now;
    if (now - this.#answersSweptAt < SWEEP) return;
    this.#answersSweptAt = now;
    // Best effort: what was called is done, and the next one sweeps as well.
    await this.#client.run(this.#forgetAnswers, [now - MEMORY])
      .catch(() => {});
  }

  /** Forgets what nobody sends again; now and then. */
  async sweep(now: number): Promise<void> {
    if (now - this.#sweptAt < SWEEP) return;
    this.#sweptAt = now;
    await this.#client.run(this.#forget, [now - MEMORY]);
  }
}

/**
 * A CTE `once` that holds a row if the operation was not carried out before.
 *
 * @param first the number of the first of its three parameters
 */
export function onceSql(s: string, first: number): string {
  return `once as (
    insert into ${s}.operation as o (slot, number, at)
    values ($${first}::text, $${first + 1}::bigint, $${first + 2}::bigint)
    on conflict (slot) do update set number = excluded.number, at = excluded.at
      where o.number < excluded.number
    returning 1
  )`;
}

/**
 * The end of a statement that begins with {@linkcode onceSql} and has a CTE
 * `answer` of one `text`: keeps that, and returns it unless it was sent again.
 *
 * @param first as in {@linkcode onceSql}
 * @param columns more columns of the row, which nobody reads
 */
export function answerSql(s: string, first: number, columns = ""): string {
  return `kept as (
    insert into ${s}.operation_answer (slot, number, at, answer)
    select $${first}::text, $${first + 1}::bigint, $${first + 2}::bigint, text
    from answer where exists (select 1 from once)
    on conflict (slot) do update set number = excluded.number,
      at = excluded.at, answer = excluded.answer
  )
  select text${columns} from answer where exists (select 1 from once)`;
}

function isForgotten({ address, schema }: Client): StoreError {
  return new StoreError(
    `The PostgreSQL store ${address} does not know what it answered to a ` +
      "call that was sent again: see whether rows of the schema " +
      `"${schema}" were removed by hand, and look at what is stored`,
    { transient: false, inDoubt: true },
  );
}
