/**
 * Consumers and their leases.
 *
 * @module
 */

import type {
  Cancellation,
  ConsumerInfo,
  HeartbeatReply,
  ReapedConsumer,
} from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import { matches, numberArray, textIn, textOut } from "./text.ts";

/** Consumers in their table. */
export class Consumers {
  readonly #client: Client;
  readonly #beat: string;
  readonly #release: string;
  readonly #leave: string;
  readonly #reap: string;

  constructor(client: Client, s: string) {
    this.#client = client;
    // Leases that nobody counts on after a crash need not wait for the disk.
    this.#beat = `with before as materialized (
        select registered from ${s}.consumer where id = $1::text
      ), beat as (
        insert into ${s}.consumer
          (id, name, lease, details, seen_at, registered)
        values ($1::text, $2::text, $3::bigint, $4::text, $5::bigint, true)
        on conflict (id) do update set name = excluded.name,
          lease = excluded.lease, details = excluded.details,
          seen_at = excluded.seen_at, registered = true
      )
      select coalesce((select registered from before), false), (
        select json_agg(json_build_array(id, cancelled) order by seq)::text
        from ${s}.task
        where consumer = $1::text and consumer is not null and cancelled > 0
      ), set_config('synchronous_commit', 'off', true)`;
    this.#release = `with returned as (
        update ${s}.task set consumer = null, token = null
        where consumer = $1::text and consumer is not null
          and token = any ($2::bigint[])
        returning id, terms
      ), ${roomSql(s, "$3::bigint")}
      select freed from room`;
    this.#leave = `with gone as (
        delete from ${s}.consumer where id = $1::text
      ), returned as (
        update ${s}.task set consumer = null, token = null, recorded = true
        where consumer = $1::text and consumer is not null
        returning id, terms
      ), ${roomSql(s, "$2::bigint")}
      select count(*), (select freed from room) from returned`;
    this.#reap = reapSql(s);
  }

  /** Registers a consumer or renews its leases. */
  async beat(info: ConsumerInfo, now: number): Promise<HeartbeatReply> {
    const { id, name, lease, details } = info;
    const [row] = await this.#client.run(this.#beat, [
      ...[textIn(id), textIn(name), Math.trunc(lease)],
      ...[textIn(JSON.stringify(details)), now],
    ]);
    const held = JSON.parse(String(row?.[1] ?? "[]")) as [string, number][];
    const cancellations = held.map(([task, flag]): Cancellation => (
      { id: textOut(task), terminate: flag === 2 }
    ));
    return { known: row?.[0] === true, cancellations };
  }

  /** Puts back what a consumer was given but never heard of. */
  async release(
    consumer: string,
    tokens: readonly number[],
    now: number,
  ): Promise<void> {
    const params = [textIn(consumer), numberArray(tokens), now];
    await this.#client.run(this.#release, params);
  }

  /** Forgets a consumer and puts back what it holds, without a loss. */
  async leave(consumer: string, now: number): Promise<boolean> {
    const rows = await this.#client.run(this.#leave, [textIn(consumer), now]);
    return Number(rows[0]?.[0] ?? 0) > 0;
  }

  /** Takes back what silent consumers hold, and counts the losses. */
  async reap(now: number): Promise<readonly ReapedConsumer[]> {
    const rows = await this.#client.run(this.#reap, [now]);
    return rows.map(toReaped);
  }
}

/**
 * Beside the consumers that lapsed: who holds something without being known,
 * because it was reaped or left while a reservation was under way. Holders
 * are found by skipping through the index from one to the next.
 */
function reapSql(s: string): string {
  return `with recursive holder as (
      (select consumer from ${s}.task where consumer is not null
        order by consumer limit 1)
      union all
      select (select consumer from ${s}.task
        where consumer is not null and task.consumer > holder.consumer
        order by consumer limit 1)
      from holder where holder.consumer is not null
    ), lapsed as (
      delete from ${s}.consumer where seen_at + lease <= $1::bigint
      returning id, name
    ), gone as materialized (
      select id, name from lapsed
      union all
      select consumer, consumer from holder
      where consumer is not null and not exists (
        select 1 from ${s}.consumer as known where known.id = holder.consumer)
    ), returned as (
      update ${s}.task set consumer = null, token = null, losses = losses + 1,
        recorded = true
      from gone
      where ${matches("consumer", "gone.id")} and consumer is not null
      returning gone.id as holder, task.id, seq, terms
    ), ${roomSql(s, "$1::bigint")}
    select gone.id, gone.name, (
      select json_agg(returned.id order by seq)::text
      from returned where returned.holder = gone.id
    ), (select freed from room) from gone order by gone.id`;
}

/** A CTE that gives back what those of \`returned\` had taken that have terms. */
function roomSql(s: string, now: string): string {
  return `room as materialized (
      select ${s}.leases_end(array_agg(id), array_agg(terms), ${now}) as freed
      from returned where terms is not null having count(*) > 0
    )`;
}

function toReaped(row: Row): ReapedConsumer {
  const returned = JSON.parse(String(row[2] ?? "[]")) as string[];
  return {
    id: textOut(row[0]),
    name: textOut(row[1]),
    returned: returned.map(textOut),
  };
}
