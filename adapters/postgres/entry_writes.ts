/**
 * How schedule entries are written and removed. Who does takes the row of the
 * revision first and holds it until the commit: revisions are committed in
 * their order, and what has seen one has seen all before it. Firings share
 * that row, so that nobody waits for entries in a circle.
 *
 * What waited for the row has a snapshot from before. So nothing is decided by
 * that: updates and conflicts meet the latest state of an entry.
 *
 * @module
 */

import { answerSql, onceSql } from "./operations.ts";
import { matches, textsIn } from "./text.ts";

/** Stands for the expectation that there is no entry of the name. */
export const NONE = -1;

/**
 * Writes entries, each name once. `$1` are the names, `$2` the bodies, `$3`
 * the due times, `$4` what is expected: a revision, {@linkcode NONE}, or
 * `null` for anything; `$5` to `$7` are of {@linkcode onceSql}.
 *
 * Answers with JSON: the revision of what was written, and the names that were
 * not, or `null`.
 */
export function putSql(s: string): string {
  return `with ${onceSql(s, 5)}, input as materialized (
    select * from unnest($1::text[], ${textsIn("$2")}, $3::bigint[],
      $4::bigint[]) as i (name, body, due_at, expected)
    where exists (select 1 from once)
  ), ${nextSql(s)}, changed as (
    update ${s}.schedule set body = input.body, due_at = input.due_at,
      revision = next.next
    from next cross join input
    where ${matches("schedule.name", "input.name")}
      and schedule.revision = input.expected
    returning schedule.name
  ), overwritten as (
    insert into ${s}.schedule (name, body, due_at, revision)
    select name, body, due_at, next from next cross join input
    where expected is null
    on conflict (name) do update set body = excluded.body,
      due_at = excluded.due_at, revision = excluded.revision
    returning name
  ), added as (
    insert into ${s}.schedule (name, body, due_at, revision)
    select name, body, due_at, next from next cross join input
    where expected = ${NONE}
    on conflict (name) do nothing
    returning name
  ), written as materialized (
    select name from changed union all select name from overwritten
    union all select name from added
  ), ${countedSql(s, "written")}, answer as materialized (
    select json_build_array(next, (
      select json_agg(name) from (
        select name from input except select name from written
      ) as refused
    ))::text as text from next
  ), ${answerSql(s, 5)}`;
}

/**
 * Removes entries. `$1` are the names, `$2` to `$4` are of
 * {@linkcode onceSql}. Answers with JSON: the names that there were.
 */
export function removeSql(s: string): string {
  return `with ${onceSql(s, 2)}, input as materialized (
    select name from unnest($1::text[]) as i (name)
    where exists (select 1 from once)
  ), ${nextSql(s)}, removed as (
    delete from ${s}.schedule using next cross join input
    where ${matches("schedule.name", "input.name")}
    returning schedule.name
  ), ${countedSql(s, "removed")}, answer as materialized (
    select coalesce(json_agg(name), '[]')::text as text from removed
  ), ${answerSql(s, 2)}`;
}

function nextSql(s: string): string {
  return `next as materialized (
    select revision + 1 as next from ${s}.schedule_revision for update
  )`;
}

function countedSql(s: string, source: string): string {
  return `counted as (
    insert into ${s}.schedule_revision (revision)
    select next from next where exists (select 1 from ${source})
    on conflict (single) do update set revision = excluded.revision
  )`;
}
