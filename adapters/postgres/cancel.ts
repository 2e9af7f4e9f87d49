/**
 * How tasks are cancelled and queues are emptied.
 *
 * @module
 */

import type { CancelOutcome, CancelRequest } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import {
  keepSql,
  PARAM_COLUMNS,
  paramArrays,
  recordParams,
} from "./records.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import {
  matches,
  numberArray,
  quoteText,
  textArray,
  textIn,
  textOut,
} from "./text.ts";

/** How many rows one statement of a purge drops. */
const PURGE_STEP = 5_000;
/** How often a task that is just being moved is looked at again. */
const LOOKS = 20;

/** What cancelling has met. */
export interface Cancelled {
  /** In the order of the request. */
  readonly outcomes: readonly CancelOutcome[];
  /** The queues in which tasks are kept that may have become ready. */
  readonly ready: readonly string[];
}

/** Cancels and purges. */
export class Cancelling {
  readonly #client: Client;
  readonly #cancel: string;
  readonly #purge: string;
  readonly #empty: string;

  constructor(client: Client, s: string) {
    this.#client = client;
    this.#cancel = cancelSql(s);
    this.#purge = `with doomed as materialized (
        select * from (
          select ctid from ${s}.task
          where queue = $1::text and consumer is null and due is null
            and line is null
          limit ${PURGE_STEP} for update skip locked
        ) as queued
        union all
        select * from (
          select ctid from ${s}.task
          where queue = $1::text and consumer is null and due is null
            and line is not null
          limit ${PURGE_STEP} for update skip locked
        ) as limited
        union all
        select * from (
          select ctid from ${s}.task
          where queue = $1::text and consumer is null and due is not null
          limit ${PURGE_STEP} for update skip locked
        ) as scheduled
      ), dropped as (
        delete from ${s}.task where ctid = any (array (select ctid from doomed))
        returning id, terms
      ), ${freedSql(s, "dropped")}
      select count(*)::int from dropped`;
    this.#empty = `select ${s}.limit_purge($1::text, $2::bigint)`;
  }

  /** Cancels tasks. */
  async cancel(
    batch: readonly CancelRequest[],
    now: number,
  ): Promise<Cancelled> {
    const outcomes: CancelOutcome[] = [];
    const ready = new Set<string>();
    let left = [...batch.entries()];
    for (let look = 1; left.length > 0; look++) {
      // Each id once; what was asked twice is asked again.
      const round = new Map<string, [number, CancelRequest]>();
      for (const entry of left) {
        if (!round.has(entry[1].id)) round.set(entry[1].id, entry);
      }
      const requests = [...round.values()].map(([_, request]) => request);
      const { found, queues } = await this.#round(requests, now, look < LOOKS);
      for (const queue of queues) ready.add(queue);
      for (const [id, [at]] of round) {
        const outcome = found.get(id);
        if (outcome === undefined) round.delete(id);
        else outcomes[at] = outcome;
      }
      left = left.filter((entry) => round.get(entry[1].id) !== entry);
    }
    return { outcomes, ready: [...ready] };
  }

  /**
   * Drops all messages that wait in a queue.
   *
   * @param given the time, in place of the server's
   */
  async purge(queue: string, given: number | null): Promise<number> {
    let total = 0;
    for (;;) {
      const rows = await this.#client.run(this.#purge, [textIn(queue)]);
      const count = Number(rows[0]?.[0] ?? 0);
      total += count;
      if (count < PURGE_STEP) break;
    }
    await this.#client.run(this.#empty, [textIn(queue), given]);
    return total;
  }

  /** Looks once. */
  async #round(
    requests: readonly CancelRequest[],
    now: number,
    again: boolean,
  ): Promise<Round> {
    const rows = await this.#client.run(this.#cancel, [
      textArray(requests.map((one) => one.id)),
      numberArray(requests.map((one) => one.terminate ? 2 : 1)),
      numberArray(requests.map((one) => one.rememberUntil)),
      now,
      again ? 1 : 0,
      numberArray(requests.map((one) => one.keep ? 1 : 0)),
      ...recordParams(requests.map((one) => one.result)),
    ]);
    const found = new Map(
      rows.filter((row) => row[1] !== "moving").map((row) => [
        textOut(row[0]),
        row[1] as CancelOutcome,
      ]),
    );
    const kept = JSON.parse(String(rows[0]?.[2] ?? "[]")) as string[];
    const queues = kept.map(textOut);
    if (rows[0]?.[3] === true) queues.push(LIMITS_MARK);
    return { found, queues };
  }
}

/** A CTE that gives back the keys of messages that are no more. */
function freedSql(s: string, gone: string): string {
  return `freed as (
      delete from ${s}.unique_key as held using ${gone} as gone
      where gone.terms is not null and held.id = gone.id
        and held.until is null and held.key = any (array[
          ${s}.limit_key(gone.terms::json -> 'u' ->> 0)])
    )`;
}

interface Round {
  /** The outcomes by id, but for those that have to be looked at again. */
  readonly found: ReadonlyMap<string, CancelOutcome>;
  /** Where tasks are kept that wait. */
  readonly queues: readonly string[];
}

/**
 * `$1` are the ids, each once, `$2` the flags, `$3` until when to remember,
 * `$4` the time, `$5` whether one that is being leased or released at this
 * moment may be looked at again, `$6` whether one that waits is kept, the rest
 * are records. What is kept and was scheduled arrives now, and no limit holds
 * it back.
 */
function cancelSql(s: string): string {
  return `with input as materialized (
      select * from unnest($1::text[], $2::int[], $3::bigint[],
        $6::int[], ${paramArrays(7).join(", ")})
      as i (id, flag, until, keep, ${PARAM_COLUMNS.join(", ")})
    ), stood as materialized (
      select distinct task.line from input
        join ${s}.task on ${matches("task.id", "input.id")}
      where num_nulls(consumer) = 1 and line is not null
    ), said as (
      -- Another message may be the first of its line now.
      insert into ${s}.limit_event (line) select line from stood
    ), removed as (
      delete from ${s}.task using input
      where ${matches("task.id", "input.id")} and num_nulls(consumer) = 1
        and keep = 0
      returning input.*, task.terms
    ), ${freedSql(s, "removed")}, flagged as (
      update ${s}.task set cancelled = greatest(cancelled, flag), due = null,
        line = case when num_nulls(consumer) = 0 then line end,
        seq = case when num_nulls(due) = 1 then seq
          else nextval(${quoteText(`${s}.task_seq`)}) end
      from input
      where ${matches("task.id", "input.id")}
        and (num_nulls(consumer) = 0 or keep = 1)
      returning input.id,
        case when num_nulls(consumer) = 1 then task.queue end as queue
    ), outcome as materialized (
      select id, until, case
        when exists (select 1 from removed where removed.id = input.id)
          then 'removed'
        when exists (select 1 from flagged where flagged.id = input.id)
          then 'running'
        when $5::int = 1 and (select 1 from ${s}.task
          where task.id = input.id) is not null then 'moving'
        else 'unknown' end as name
      from input
    ), ${keepSql(s, "removed", "where r_state is not null")},
    remembered as (
      insert into ${s}.revoked (id, until)
      select id, until from outcome where name = 'unknown'
      on conflict (id) do update
        set until = greatest(revoked.until, excluded.until)
    ), forgotten as (
      delete from ${s}.revoked where id in (
        select id from ${s}.revoked where until <= $4::bigint
          and id <> all ($1::text[])
        order by until limit 1000)
    )
    select id, name, (select json_agg(distinct queue)::text from flagged
      where queue is not null) as queues, exists (select 1 from stood)
    from outcome`;
}
