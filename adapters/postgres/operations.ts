/**
 * Operations that are carried out once, however often they are sent: each
 * says its number in a row of its slot, in the transaction that it is. A
 * slot is used by one operation at a time, so there are few, and a number that
 * is not above the last one was there before.
 *
 * @module
 */

import type { Client, Param } from "./client.ts";

/** Nobody sends an operation again after so long, in ms. */
const MEMORY = 3_600_000;
/** The time between two looks for what can be forgotten, in ms. */
const SWEEP = 600_000;

/** Numbers the operations of one store. */
export class Operations {
  readonly #client: Client;
  readonly #forget: string;
  readonly #sender = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
  readonly #free: number[] = [];
  #slots = 0;
  #number = 0;
  #sweptAt = -Infinity;

  constructor(client: Client, s: string) {
    this.#client = client;
    this.#forget = `delete from ${s}.operation where at < $1::bigint`;
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
