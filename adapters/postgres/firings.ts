/**
 * How entries are fired: one statement for a batch, which moves them on and
 * publishes what that means.
 *
 * @module
 */

import type { Clock, Firing } from "../../src/contracts/mod.ts";
import type { Client, Param } from "./client.ts";
import { rowOf } from "./moves.ts";
import { answerSql, onceSql, type Operations } from "./operations.ts";
import type { Signals } from "./signals.ts";
import {
  matches,
  nameArray,
  numberArray,
  quoteText,
  textList,
  textsIn,
} from "./text.ts";

/** Fires entries. */
export class Firings {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #operations: Operations;
  readonly #fire: string;

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    operations: Operations,
    s: string,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#operations = operations;
    this.#fire = fireSql(s);
  }

  /**
   * Fires entries that are still those that were read, and returns which
   * were. One that occurs more than once in a batch is fired once.
   */
  async fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    const queues = queuesOf(batch);
    const offered = queues.length > 0 ? this.#signals.offer(queues) : null;
    const now = this.#clock.now();
    const params = firingParams(batch, now);
    const { channel } = this.#signals;
    const answer = await this.#operations.answer(
      now,
      (operation) =>
        this.#client.run(
          this.#fire,
          [...params, channel, offered, ...operation, now],
        ),
    );
    if (queues.length > 0) this.#signals.queued(queues, offered);
    const places = JSON.parse(answer) as number[] | null;
    if (places === null) return batch.map(() => true);
    const fired = new Set(places);
    return batch.map((_, at) => fired.has(at + 1));
  }
}

function queuesOf(batch: readonly Firing[]): string[] {
  return [
    ...new Set(batch.flatMap(({ messages }) => messages.map((m) => m.queue))),
  ];
}

/** The parameters `$1` to `$7` of {@linkcode fireSql}. */
function firingParams(batch: readonly Firing[], now: number): Param[] {
  let arrivals = 0;
  const messages = batch.map((firing) => {
    const rows = firing.messages.map((message) => (
      { ...rowOf(message, now), at: ++arrivals }
    ));
    return rows.length === 0 ? null : JSON.stringify(rows);
  });
  return [
    nameArray(batch.map(({ name }) => name)),
    numberArray(batch.map(({ revision }) => revision)),
    numberArray(batch.map(({ dueAt }) => dueAt)),
    numberArray(batch.map(({ nextAt }) => nextAt)),
    textList(batch.map(({ state }) => state)),
    textList(messages),
    arrivals,
  ];
}

/**
 * `$1` are the names, `$2` the revisions and `$3` the due times that were
 * read, `$4` the next due times, `$5` the states, `$6` the messages of each as
 * JSON or `null`, `$7` how many these are, `$8` a channel and `$9` what to say
 * there, or `null`; `$10` to `$12` are of {@linkcode onceSql}, and `$13` is the
 * time.
 *
 * Entries are locked in the order of their names, and while nobody writes any:
 * of two who fire the same ones, one waits for the other and then finds them
 * moved on. Messages arrive in the order of the batch, and are added in that
 * of their ids, as publications are.
 *
 * What was offered is said even if nothing was fired: it may name queues of
 * earlier calls.
 *
 * Answers with JSON: the places of what was fired, or `null` for all.
 */
function fireSql(s: string): string {
  return `with ${onceSql(s, 10)}, unwritten as materialized (
    select 1 from ${s}.schedule_revision for share
  ), input as materialized (
    select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[],
      ${textsIn("$5")}, ${textsIn("$6")}) with ordinality
      as i (name, revision, due_at, next_at, state, messages, place)
    where exists (select 1 from once) and exists (select 1 from unwritten)
    order by name collate "C", place
  ), fired as (
    update ${s}.schedule set due_at = input.next_at, state = input.state
    from input where ${matches("schedule.name", "input.name")}
      and schedule.revision = input.revision
      and schedule.due_at = input.due_at
    returning input.place, input.messages
  ), seqs as materialized (
    select array_agg(nextval(${quoteText(`${s}.task_seq`)})) as list
    from generate_series(1, $7::int)
  ), added as (
    insert into ${s}.task
      (seq, id, task, queue, priority, eta, due, body, terms, token)
    select (select list from seqs)[one.at], one.id, one.task, one.queue,
      one.priority, one.eta, one.due, one.body, one.terms,
      case when one.terms is not null then $13::bigint end
    from fired cross join lateral json_to_recordset(fired.messages::json)
      as one (at int, id text, task text, queue text, priority int,
        eta bigint, due bigint, body text, terms text)
    where fired.messages is not null order by one.id collate "C", one.at
    on conflict (id) do nothing
    returning id
  ), restarted as (
    delete from ${s}.result using added
    where ${matches("result.id", "added.id")} and ended
  ), told as (
    select pg_notify($8::text, $9::text) from once where $9::text is not null
  ), answer as materialized (
    select case when count(*) = cardinality($1::text[]) then 'null'
      else coalesce(json_agg(place), '[]')::text end as text
    from fired
  ), ${answerSql(s, 10, ", (select count(*) from told) as told")}`;
}
