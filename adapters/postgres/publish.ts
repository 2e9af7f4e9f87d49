/**
 * How messages enter the task table: one statement for a batch.
 *
 * @module
 */

import type { Message } from "../../src/contracts/mod.ts";
import type { Param, Row } from "./client.ts";
import { matches, numberArray, textArray } from "./text.ts";

/** The time that a message waits for, if that lies ahead. */
export function dueOf(message: Message, now: number): number | null {
  return message.eta !== null && message.eta > now ? message.eta : null;
}

/** The columns of a batch of messages, one array each, from `$first` on. */
export function messageArrays(
  batch: readonly Message[],
  now: number,
): Param[] {
  return [
    textArray(batch.map((message) => message.id)),
    textArray(batch.map((message) => message.task)),
    textArray(batch.map((message) => message.queue)),
    numberArray(batch.map((message) => message.priority)),
    numberArray(batch.map((message) => message.eta)),
    numberArray(batch.map((message) => dueOf(message, now))),
    textArray(batch.map((message) => message.body)),
  ];
}

/**
 * Adds messages whose ids are not live, and drops what is known of earlier
 * runs of these ids that have ended. `$1` to `$7` are the messages, `$8` a
 * channel and `$9` what to say there, or `null`.
 *
 * Who waits for a message that is due later must know when it becomes the
 * next one to be: such a batch is told of only if it does.
 *
 * Answers with one row: `null` when all were added, else the ids that were.
 */
export function publishSql(s: string): string {
  return `with added as (
    insert into ${s}.task (id, task, queue, priority, eta, due, body)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::int[],
      $5::bigint[], $6::bigint[], $7::text[])
    on conflict (id) do nothing
    returning id, queue, due
  ), restarted as (
    delete from ${s}.result using added
    where ${matches("result.id", "added.id")} and ended
  ), told as (
    select pg_notify($8::text, $9::text) from (
      select 1 from added
      where $9::text is not null and (due is null or due < coalesce((
        select min(due) from ${s}.task as other
        where other.queue = added.queue
          and consumer is null and due is not null
      ), 9223372036854775807)) limit 1
    ) as news
  )
  select case when count(*) = cardinality($1::text[]) then null
    else coalesce(json_agg(id), '[]')::text end as added, (select count(*) from told) as told
  from added`;
}

/** For each message whether it was added. */
export function whichWereAdded(
  batch: readonly Message[],
  row: Row | undefined,
  idIn: (id: string) => string,
): boolean[] {
  const text = row?.[0];
  if (typeof text !== "string") return batch.map(() => true);
  const added = new Set(JSON.parse(text) as string[]);
  return batch.map(({ id }) => added.delete(idIn(id)));
}
