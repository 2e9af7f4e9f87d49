/**
 * How messages enter the task table: one statement for a batch.
 *
 * @module
 */

import type { Message } from "../../src/contracts/mod.ts";
import type { Param, Row } from "./client.ts";
import { openSql } from "./groups.ts";
import { answerSql, onceSql } from "./operations.ts";
import { isSpecial, termsIn } from "./terms.ts";
import {
  matches,
  numberArray,
  quoteText,
  textArray,
  textIn,
  textList,
  textsIn,
  whole,
} from "./text.ts";

/** How long a key that is just being taken is waited for. */
const LOCK_TIMEOUT = "500ms";

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
 * Whether the ids of a batch ascend, as those that Lovage makes do. Callers
 * that add the same ids of their own at the same time wait for each other; in
 * one order, so that it never becomes a deadlock.
 */
function ascends(batch: readonly Message[]): boolean {
  let last = "";
  for (const { id } of batch) {
    if (id < last) return false;
    last = id;
  }
  return true;
}

/** How a batch is given to {@linkcode publishSql}. */
export type BatchForm =
  /** The same as alike, with ids that were made for it, and ready. */
  | "fresh"
  /** Whose ids ascend and all else but the bodies is the same. */
  | "alike"
  /** Whose ids ascend. */
  | "ascending"
  /** Any without terms. */
  | "shuffled"
  /** Any. */
  | "special";

/** A batch in the form that costs the least. */
export function batchParams(
  batch: readonly Message[],
  now: number,
): { readonly form: BatchForm; readonly params: readonly Param[] } {
  if (batch.some(isSpecial)) {
    return { form: "special", params: specialArrays(batch, now) };
  }
  const isAscending = ascends(batch);
  const alike = isAscending ? alikeParams(batch, now) : null;
  if (alike !== null) {
    const isFresh = batch.every((message) =>
      message.fresh === true && dueOf(message, now) === null
    );
    return { form: isFresh ? "fresh" : "alike", params: alike };
  }
  const form = isAscending ? "ascending" : "shuffled";
  return { form, params: messageArrays(batch, now) };
}

/** The same, and what is said of terms. */
export function specialArrays(batch: readonly Message[], now: number): Param[] {
  return [
    ...messageArrays(batch, now),
    textArray(batch.map(termsIn)),
    numberArray(batch.map(({ replace }) => replace === true ? 1 : 0)),
    whole(now),
  ];
}

/** What they share, once. */
function alikeParams(batch: readonly Message[], now: number): Param[] | null {
  const [first] = batch;
  if (first === undefined) return null;
  const { task, queue, priority, eta } = first;
  const isAlike = batch.every((message) =>
    message.task === task && message.queue === queue &&
    message.priority === priority && message.eta === eta
  );
  if (!isAlike) return null;
  const due = dueOf(first, now);
  return [
    textList(batch.map((message) => message.id)),
    textIn(task),
    textIn(queue),
    whole(priority),
    eta === null ? null : whole(eta),
    due === null ? null : whole(due),
    textList(batch.map((message) => message.body)),
  ];
}

/** What a publication needs, which decides what the statement holds. */
export interface PublishShape {
  readonly form: BatchForm;
  /** Groups begin with it. */
  readonly groups: boolean;
}

const COLUMNS = "id, task, queue, priority, eta, due, body";
const ARRAYS = `select * from unnest($1::text[], $2::text[], $3::text[],
      $4::int[], $5::bigint[], $6::bigint[], $7::text[])`;
/** The ids of a batch, and what is inserted of it, by its form. */
const SOURCES: Readonly<
  Record<
    Exclude<BatchForm, "fresh" | "special">,
    { ids: string; rows: (s: string) => string }
  >
> = {
  alike: {
    ids: textsIn("$1"),
    rows: () =>
      `(${COLUMNS}) select one.id, $2::text, $3::text, $4::int, $5::bigint,
      $6::bigint, one.body
    from unnest(${textsIn("$1")}, ${textsIn("$7")}) as one (id, body)
    where exists (select 1 from once)`,
  },
  ascending: {
    ids: "$1::text[]",
    rows: () => `(${COLUMNS}) ${ARRAYS} where exists (select 1 from once)`,
  },
  shuffled: {
    ids: "$1::text[]",
    // In the order of their ids, and numbered in that of the batch.
    rows: (s) =>
      `(seq, ${COLUMNS}) select * from (
      select nextval(${quoteText(`${s}.task_seq`)}) as seq, one.*
      from (${ARRAYS}) as one (${COLUMNS})) as numbered
    where exists (select 1 from once) order by id collate "C", seq`,
  },
};

/**
 * Adds messages whose ids are not live, and drops what is known of earlier
 * runs of these ids that have ended. `$1` to `$7` are of
 * {@linkcode batchParams}, `$8` is a channel and `$9` what to say there, or
 * `null`.
 *
 * Who waits for a message that is due later must know when it becomes the
 * next one to be: such a batch is told of only if it does.
 *
 * Answers with one row: `null` when all were added, else the ids that were.
 * What is sent again because its answer was lost does nothing, and answers as
 * if all had been added. `$10` to `$12` are of {@linkcode onceSql}, what
 * follows are groups as {@linkcode openSql} takes them.
 */
export function publishSql(s: string, { form, groups }: PublishShape): string {
  const once = groups ? `${onceSql(s, 10)}, ${openOnceSql(s)}` : onceSql(s, 10);
  if (form === "fresh") return freshSql(s, once);
  if (form === "special") return specialSql(s, groups);
  const { ids, rows } = SOURCES[form];
  return `with ${once}, added as (
    insert into ${s}.task ${rows(s)}
    on conflict (id) do nothing
    returning id, queue, due
  ), restarted as (
    delete from ${s}.result where id = any (${ids}) and ended
      and exists (select 1 from added where added.id = result.id)
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
  select case
      when count(*) = cardinality(${ids}) or not exists (select 1 from once)
      then null else coalesce(json_agg(id), '[]')::text
    end as added, (select count(*) from told) as told
  from added`;
}

/** As {@linkcode specialArrays} are taken. */
const SPECIAL = `$1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[],
      $6::bigint[], $7::text[], $8::text[], $9::int[], $10::bigint`;

/**
 * The same for messages with terms, which answers what it did also when it is
 * sent again. `$1` to `$10` are of {@linkcode batchParams}, `$11` is a channel
 * and `$12` what to say there, `$13` to `$15` are of {@linkcode onceSql}, what
 * follows are groups.
 *
 * It does not wait for long where a transaction of the user's own has taken a
 * key: so that one is never in a deadlock with this. It is sent again.
 */
function specialSql(s: string, groups: boolean): string {
  const opened = groups ? `${openOnceSql(s, 16)}, ` : "";
  return `with ${onceSql(s, 13)}, ${opened}brief as materialized (
    select set_config('lock_timeout', '${LOCK_TIMEOUT}', true) from once
  ), done as materialized (
    select ${s}.publish_special(${SPECIAL}) as added from brief
  ), answer as materialized (
    select array_to_json(added)::text as text from done
  ), told as (
    select pg_notify($11::text, $12::text) from done
    where $12::text is not null and true = any (added)
  ), ${answerSql(s, 13, ", (select count(*) from told)")}`;
}

/** The same where no id can be live, or have a result. */
function freshSql(s: string, once: string): string {
  return `with ${once}, added as (
    insert into ${s}.task ${SOURCES.alike.rows(s)}
  ), told as (
    select pg_notify($8::text, $9::text) from once where $9::text is not null
  )
  select null as added, (select count(*) from told) as told`;
}

function openOnceSql(s: string, first = 13): string {
  const where = "where exists (select 1 from once)";
  return `opened as (${openSql(s, first, where)})`;
}

/**
 * The same in a transaction of the user's own, which may last for long and
 * have any isolation: it looks at no other message, so that two of them never
 * conflict, and is told of whatever is due when. `$10` is the identity of the
 * database that tasks wait in: in another one it adds nothing, and answers
 * with the name of that one in its second column. From `$11` on are groups.
 */
export function publishWithinSql(s: string, groups: boolean): string {
  const isHere = `(${identitySql(s)}) = $10::text`;
  const opened = groups
    ? `opened as (${openSql(s, 11, `where ${isHere}`)}), `
    : "";
  return `with ${opened}added as (
    insert into ${s}.task (id, task, queue, priority, eta, due, body)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::int[],
      $5::bigint[], $6::bigint[], $7::text[])
    where ${isHere}
    on conflict (id) do nothing
    returning id
  ), restarted as (
    delete from ${s}.result using added
    where ${matches("result.id", "added.id")} and ended
  ), told as (
    select pg_notify($8::text, $9::text) from (
      select 1 from added limit 1
    ) as news
  )
  select case when count(*) = cardinality($1::text[]) then null
    else coalesce(json_agg(id), '[]')::text end as added,
    case when ${isHere} then null
    else current_database()::text end as elsewhere,
    (select count(*) from told) as told
  from added`;
}

/**
 * The same for messages with terms: `$1` to `$10` are of
 * {@linkcode batchParams}, and all else comes three later.
 */
export function specialWithinSql(s: string, groups: boolean): string {
  const isHere = `(${identitySql(s)}) = $13::text`;
  const opened = groups
    ? `opened as (${openSql(s, 14, `where ${isHere}`)}), `
    : "";
  return `with ${opened}done as materialized (
    select ${s}.publish_special(${SPECIAL}) as added where ${isHere}
  ), told as (
    select pg_notify($11::text, $12::text) from done where true = any (added)
  )
  select (select array_to_json(added)::text from done) as added,
    case when ${isHere} then null
    else current_database()::text end as elsewhere,
    (select count(*) from told) as told`;
}

/**
 * What tells the tables of one database from those of another, though both
 * have the same names.
 */
export function identitySql(s: string): string {
  return `select current_database() || ' ' ||
    ${quoteText(`${s}.task`)}::regclass::oid`;
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
