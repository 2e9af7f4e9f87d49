/**
 * How groups enter their table, and how a settlement counts them down: what
 * the ends of a batch mean is added up first, so that a group is touched once
 * per batch, however many of its members are in it.
 *
 * @module
 */

import type { GroupPlan, Settlement } from "../../src/contracts/mod.ts";
import type { Param } from "./client.ts";
import { termsIn } from "./terms.ts";
import { matches, numberArray, textIn, textList, textsIn } from "./text.ts";

const COLUMNS: readonly (readonly [column: string, type: string])[] = [
  ["id", "text"],
  ["remaining", "int"],
  ["expires_at", "bigint"],
  ["message", "text"],
  ["task", "text"],
  ["queue", "text"],
  ["priority", "int"],
  ["eta", "bigint"],
  ["body", "text"],
  ["terms", "text"],
];
const NAMES = COLUMNS.map(([name]) => name).join(", ");

/**
 * Adds groups that are not known. From `$first` on are the parameters of
 * {@linkcode planParams}.
 *
 * @param where under which condition
 */
export function openSql(s: string, first: number, where = ""): string {
  const arrays = COLUMNS.map(([, type], at) => {
    const param = `$${first + at}`;
    return type === "text" ? textsIn(param) : `${param}::${type}[]`;
  });
  return `insert into ${s}.task_group (${NAMES})
    select * from unnest(${arrays.join(", ")}) ${where}
    on conflict (id) do nothing`;
}

/** Groups as parameters, one for each column. */
export function planParams(plans: readonly GroupPlan[]): Param[] {
  // Who adds the same ones at the same time waits, but not in a circle.
  const sorted = plans.toSorted((a, b) => a.id < b.id ? -1 : +(a.id > b.id));
  const bodies = sorted.map(({ body }) => body);
  return [
    textList(sorted.map((plan) => plan.id)),
    numberArray(sorted.map((plan) => plan.size)),
    numberArray(sorted.map((plan) => plan.expiresAt)),
    textList(bodies.map((body) => body.id)),
    textList(bodies.map((body) => body.task)),
    textList(bodies.map((body) => body.queue)),
    numberArray(bodies.map((body) => body.priority)),
    numberArray(bodies.map((body) => body.eta)),
    textList(bodies.map((body) => body.body)),
    textList(bodies.map(termsIn)),
  ];
}

/** A CTE `opened` that adds the groups in a column `opens` of `held`. */
export function openHeldSql(s: string): string {
  const columns = COLUMNS.map((column) => column.join(" ")).join(", ");
  return `opened as (
    insert into ${s}.task_group (${NAMES})
    select plan.* from held
      cross join lateral json_to_recordset(held.opens::json) as plan (${columns})
    where held.opens is not null order by plan.id
    on conflict (id) do nothing
  )`;
}

/** What {@linkcode openHeldSql} reads: the groups of each settlement. */
export function opensOf(batch: readonly Settlement[]): (string | null)[] {
  return batch.map(({ groups = [] }) =>
    groups.length === 0 ? null : JSON.stringify(groups.map(planRow))
  );
}

function planRow({ id, size, body, expiresAt }: GroupPlan) {
  return {
    ...{ id: textIn(id), remaining: size, expires_at: expiresAt },
    ...{ message: textIn(body.id), task: textIn(body.task) },
    ...{ queue: textIn(body.queue), priority: body.priority, eta: body.eta },
    ...{ body: textIn(body.body), terms: termsIn(body) },
  };
}

/** How many ends a settlement of a batch has at most. */
export type EndsForm = "one" | "many";

/** The type of the column `ends`, which travels with each settlement. */
export const ENDS_TYPE = { one: "int", many: "text" } as const;

/** The ends of a batch. */
export interface Ends {
  readonly form: EndsForm;
  /** The column `ends`. */
  readonly column: string;
  /** The list of groups that it refers to. */
  readonly groups: string;
}

/**
 * The ends of a batch, if there are any. They name their groups by the place
 * in a list, from 1; that of a member that failed is negative.
 */
export function endsOf(batch: readonly Settlement[]): Ends | null {
  const most = batch.reduce(
    (most, { ends }) => Math.max(most, ends?.length ?? 0),
    0,
  );
  if (most === 0) return null;
  const places = new Map<string, number>();
  const told = batch.map(({ ends = [] }) =>
    ends.map(({ group, failed }) => {
      let place = places.get(group);
      if (place === undefined) {
        places.set(group, place = places.size + 1);
      }
      return failed ? -place : place;
    })
  );
  const groups = textList([...places.keys()]);
  if (most === 1) {
    const column = numberArray(told.map(([place]) => place ?? null));
    return { form: "one", column, groups };
  }
  const column = textList(
    told.map((list) => list.length === 0 ? null : `{${list.join(",")}}`),
  );
  return { form: "many", column, groups };
}

/** What {@linkcode countSql} is to know. */
export interface CountOptions {
  readonly form: EndsForm;
  /** The parameters: the list of groups, and the time. */
  readonly groups: string;
  readonly now: string;
  /**
   * A CTE of rows to wait for. A group is locked until the commit, so that
   * whatever takes its time had better be done before.
   */
  readonly after: string | null;
}

/**
 * CTEs that count the ends of `held`. Of groups that are over, `bodies` are
 * the messages that were added, with their queues.
 *
 * Each group is locked first, in one order, so that those who settle members
 * of the same ones wait for each other but never in a circle. What is read
 * then is the latest, whatever the snapshot of the statement says, and stays.
 */
export function countSql(
  s: string,
  { form, groups, now, after }: CountOptions,
): string {
  const ends = form === "one"
    ? "select ends as one from held where ends is not null"
    : "select one from held cross join lateral unnest(ends::int[]) as one";
  return `named as materialized (
    select ${textsIn(groups)} as list
  ), tally as materialized (
    select (select list from named)[abs(one)] as id, count(*)::int as ended,
      bool_or(one < 0) as failed
    from (${ends}) as told
    ${after === null ? "" : `where (select count(*) from ${after}) >= 0`}
    group by abs(one)
  ), locked as materialized (
    select task_group.id, remaining - ended as remaining,
      failed or remaining <= ended as is_over
    from tally join ${s}.task_group on ${matches("task_group.id", "tally.id")}
    order by tally.id collate "C" for update of task_group
  ), lowered as (
    update ${s}.task_group set remaining = locked.remaining from locked
    where ${matches("task_group.id", "locked.id")} and not is_over
  ), finished as (
    delete from ${s}.task_group using locked
    where ${matches("task_group.id", "locked.id")} and is_over
    returning message, task, queue, priority, eta, body, terms
  ), bodies as (
    insert into ${s}.task
      (id, task, queue, priority, eta, due, body, terms, token)
    select message, task, queue, priority, eta,
      case when eta > ${now} then eta end, body, terms,
      case when terms is not null then ${now} end
    from finished order by message
    on conflict (id) do nothing
    returning id, queue
  ), renewed as (
    delete from ${s}.result using bodies
    where ${matches("result.id", "bodies.id")} and ended
  )`;
}
