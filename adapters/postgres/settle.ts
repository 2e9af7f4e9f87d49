/**
 * How deliveries end: one statement for a batch, whatever becomes of each.
 *
 * @module
 */

import type {
  Message,
  ResultRecord,
  Settlement,
} from "../../src/contracts/mod.ts";
import type { Param } from "./client.ts";
import { dueOf } from "./publish.ts";
import {
  alikeParams,
  alikeSql,
  keepSql,
  PARAM_COLUMNS,
  paramArrays,
  recordParams,
} from "./records.ts";
import {
  matches,
  numberArray,
  quoteText,
  textIn,
  textList,
  textsIn,
} from "./text.ts";

/** What the members of a batch need, which decides what the statement holds. */
export interface SettleShape {
  /** Whether some have a result, and whether all have one, and alike. */
  readonly results: "none" | "alike" | "any";
  /** A message is sent whose record is stored by the same batch. */
  readonly restarts: boolean;
  /** Some are not simply acknowledged, or have successors. */
  readonly moves: boolean;
}

const ACK = 0;
const RELEASE = 1;
const LOST = 2;
const REQUEUE = 3;
const DEAD = 4;

/** What a batch stores: its form, and its parameters. */
interface Results {
  readonly form: SettleShape["results"];
  readonly params: readonly Param[];
}

function resultsOf(batch: readonly Settlement[], moves: boolean): Results {
  const records = batch.map(({ result }) => result);
  if (records.every((record) => record === undefined)) {
    return { form: "none", params: [] };
  }
  const alike = moves ? null : alikeParams(batch.map(({ id }) => id), records);
  return alike === null
    ? { form: "any", params: recordParams(records) }
    : { form: "alike", params: alike };
}

function restarts(batch: readonly Settlement[]): boolean {
  const records = new Set(batch.map(({ result }) => result?.id));
  return batch.some(({ publish = [] }) =>
    publish.some((message) => records.has(message.id))
  );
}

function isMove({ action, publish = [] }: Settlement): boolean {
  return action.kind !== "ack" || publish.length > 0;
}

/**
 * The statement for batches of a shape. `$1` is the consumer, `$2` the ids,
 * `$3` the tokens, `$4` a channel, `$5` what to say there about ends of tasks.
 *
 * What a settlement brings travels with its row through the fence, so that
 * nothing has to be joined to what was held: columns in the order of the batch
 * are read once, each row is found by its id.
 *
 * Answers with one row: whether all were held, and else the places of those
 * that were.
 */
export function settleSql(s: string, shape: SettleShape): string {
  const columns: string[] = ["id", "token"];
  const arrays: string[] = [textsIn("$2"), "$3::bigint[]"];
  let param = 5;
  const alike = shape.results === "alike" ? alikeSql(param + 1) : undefined;
  if (alike !== undefined) {
    columns.push(...alike.columns);
    arrays.push(...alike.arrays);
    param += alike.params;
  } else if (shape.results === "any") {
    columns.push(...PARAM_COLUMNS);
    arrays.push(...paramArrays(param + 1));
    param += PARAM_COLUMNS.length;
  }
  if (shape.moves) {
    for (const [name, type] of MOVES) {
      const next = `$${++param}`;
      columns.push(name);
      arrays.push(type === "text" ? textsIn(next) : `${next}::${type}[]`);
    }
  }
  const now = shape.moves ? `$${++param}::bigint` : "";
  const channel = shape.moves ? `$${++param}::text` : "";
  const work = shape.moves ? `$${++param}::text` : "";
  const arrivals = shape.moves ? `$${++param}::int` : "";
  const input = `input as materialized (
    select * from unnest(${arrays.join(", ")}) with ordinality
      as i (${columns.join(", ")}, place)
  )`;
  // In words that the index of consumers does not know: a planner that takes
  // the table for empty would read all that is held for each row.
  const fence = `${matches("task.id", "input.id")} ` +
    "and task.consumer is not distinct from $1::text " +
    "and task.token = input.token";
  const carried = columns.slice(2).map((name) => `, input.${name}`).join("");
  const done = `done as (
    delete from ${s}.task using input
    where ${fence} ${shape.moves ? `and kind in (${ACK}, ${DEAD})` : ""}
    returning input.place, input.id${carried}
      ${shape.moves ? OLD_COLUMNS : ""}
  )`;
  const told = `told as (
    select pg_notify($4::text, payload) from unnest(${textsIn("$5")}) as payload
    where exists (select 1 from held)
  )`;
  const answer = `select case
      when count(*) = (select count(*) from input) then null
      else coalesce(json_agg(place), '[]')::text
    end as held, (select count(*) from told) as told`;
  if (!shape.moves) {
    const held = done.replace("done as", "held as");
    const kept = {
      none: "",
      alike: `, ${keepSql(s, "held", "", alike?.kept)}`,
      any: `, ${keepSql(s, "held", "where r_state is not null")}`,
    }[shape.results];
    return `with ${input}, ${held}${kept}, ${told} ${answer} from held`;
  }
  return `with ${input}, ${done}, seqs as materialized (
    -- What is requeued and what follows arrive in the order of the batch.
    select array_agg(nextval(${quoteText(`${s}.task_seq`)})) as list
    from generate_series(1, ${arrivals})
  ), moved as (
    update ${s}.task set
      consumer = null, token = null,
      losses = task.losses + case kind when ${LOST} then 1 else 0 end,
      seq = case kind when ${REQUEUE}
        then (select list from seqs)[m_at] else task.seq end,
      task = coalesce(m_task, task.task),
      queue = coalesce(m_queue, task.queue),
      priority = coalesce(m_priority, task.priority),
      eta = case kind when ${REQUEUE} then m_eta else task.eta end,
      due = m_due,
      body = coalesce(m_body, task.body)
    from input
    where ${fence} and kind not in (${ACK}, ${DEAD})
    returning input.place, input.id${carried}
  ), held as materialized (
    select place, id${names(columns.slice(2))} from done
    union all
    select place, id${names(columns.slice(2))} from moved
  ), buried as (
    insert into ${s}.dead
      (id, task, queue, priority, eta, body, losses, reason, detail, died_at)
    select id, o_task, o_queue, o_priority, o_eta, o_body, o_losses,
      reason, detail, ${now}
    from done where kind = ${DEAD} order by place
  ), added as (
    -- The order also lets all deletions come first: a task may send itself.
    insert into ${s}.task (seq, id, task, queue, priority, eta, due, body)
    select (select list from seqs)[next.at], next.id, next.task, next.queue, next.priority, next.eta, next.due,
      next.body
    from held cross join lateral json_to_recordset(held.next::json) as next
      (at int, id text, task text, queue text, priority int, eta bigint,
        due bigint, body text, unless bigint)
    where held.next is not null and (unless is null or not exists (
      select 1 from held as later where later.place = unless))
    order by next.at
    on conflict (id) do nothing
    returning id
  ), restarted as (
    delete from ${s}.result using added
    where ${matches("result.id", "added.id")} and (ended ${
    shape.restarts
      ? "or exists (select 1 from held where r_id = added.id and r_ended)"
      : ""
  })
  ), ${
    shape.results === "any"
      ? keepSql(
        s,
        "held",
        `where r_state is not null ${
          // A record that ends a task, and then the task starts over.
          shape.restarts
            ? `and not (r_ended and exists (
              select 1 from added where added.id = r_id))`
            : ""} order by place`,
      ) + ","
      : ""
  } ${told}, woken as (
    select pg_notify(${channel}, ${work}) where ${work} is not null
      and exists (select 1 from held)
  ) ${answer}, (select count(*) from woken) as woken from held`;
}

function names(columns: readonly string[]): string {
  return columns.map((name) => `, ${name}`).join("");
}

const MOVES: readonly (readonly [string, string])[] = [
  ["kind", "int"],
  ["reason", "text"],
  ["detail", "text"],
  ["m_at", "int"],
  ["m_task", "text"],
  ["m_queue", "text"],
  ["m_priority", "int"],
  ["m_eta", "bigint"],
  ["m_due", "bigint"],
  ["m_body", "text"],
  ["next", "text"],
];

const OLD_COLUMNS = `, task.task as o_task, task.queue as o_queue,
      task.priority as o_priority, task.eta as o_eta, task.body as o_body,
      task.losses as o_losses`;

/** A batch as the statement for its shape takes it. */
export function settleCall(
  consumer: string,
  batch: readonly Settlement[],
  ended: { readonly channel: string; readonly payloads: readonly string[] },
  work: {
    readonly now: number;
    readonly channel: string;
    readonly payload: string | null;
  },
): { readonly shape: SettleShape; readonly params: readonly Param[] } {
  const moves = batch.some(isMove);
  const results = resultsOf(batch, moves);
  const params: Param[] = [
    textIn(consumer),
    textList(batch.map((one) => one.id)),
    numberArray(batch.map((one) => one.token)),
    ended.channel,
    textList(ended.payloads),
    ...results.params,
  ];
  if (moves) {
    const { arrays, arrivals } = moveArrays(batch, work.now);
    params.push(...arrays, work.now, work.channel, work.payload, arrivals);
  }
  const shape = { results: results.form, restarts: restarts(batch), moves };
  return { shape, params };
}

interface Moves {
  readonly arrays: readonly Param[];
  /** How many messages arrive in queues. */
  readonly arrivals: number;
}

function moveArrays(batch: readonly Settlement[], now: number): Moves {
  const places = new Map(batch.map((one, at) => [one.id, at + 1]));
  const arrivalOf: (number | null)[] = [];
  const next: (string | null)[] = [];
  let arrivals = 0;
  for (const [at, { action, publish = [] }] of batch.entries()) {
    arrivalOf.push(action.kind === "requeue" ? ++arrivals : null);
    const rows = publish.map((message) => ({
      ...rowOf(message, now),
      at: ++arrivals,
      unless: laterThan(at + 1, places.get(message.id)),
    }));
    next.push(rows.length === 0 ? null : JSON.stringify(rows));
  }
  const messages = batch.map(({ action }) =>
    action.kind === "requeue" ? action.message : null
  );
  const dead = batch.map(({ action }) =>
    action.kind === "dead" ? action : null
  );
  const arrays = [
    numberArray(batch.map(kindOf)),
    textList(dead.map((action) => action?.reason ?? null)),
    textList(dead.map((action) => action?.detail ?? null)),
    numberArray(arrivalOf),
    textList(messages.map((message) => message?.task ?? null)),
    textList(messages.map((message) => message?.queue ?? null)),
    numberArray(messages.map((message) => message?.priority ?? null)),
    numberArray(messages.map((message) => message?.eta ?? null)),
    numberArray(messages.map((message) => message && dueOf(message, now))),
    textList(messages.map((message) => message?.body ?? null)),
    textList(next),
  ];
  return { arrays, arrivals };
}

/**
 * A batch is settled in its order: a message whose id is still held then, by
 * a settlement that comes later, is live and not added.
 */
function laterThan(place: number, other: number | undefined): number | null {
  return other !== undefined && other > place ? other : null;
}

function kindOf({ action }: Settlement): number {
  switch (action.kind) {
    case "ack":
      return ACK;
    case "release":
      return action.lost ? LOST : RELEASE;
    case "requeue":
      return REQUEUE;
    case "dead":
      return DEAD;
    default:
      return action satisfies never;
  }
}

function rowOf(message: Message, now: number): Record<string, unknown> {
  const { id, task, queue, priority, eta, body } = message;
  return {
    ...{ id: textIn(id), task: textIn(task), queue: textIn(queue) },
    ...{ priority, eta, due: dueOf(message, now), body: textIn(body) },
  };
}

/**
 * Batches in which each task occurs once, and each record: to be settled one
 * after the other. Nearly always it is one.
 */
export function inTurns(batch: readonly Settlement[]): Settlement[][] {
  const turns: Settlement[][] = [];
  let seen = new Set<string>();
  let turn: Settlement[] = [];
  for (const one of batch) {
    const { id, result } = one;
    const record = result?.id ?? id;
    if (seen.has(id) || seen.has(record)) {
      turns.push(turn);
      turn = [];
      seen = new Set();
    }
    seen.add(id).add(record);
    turn.push(one);
  }
  if (turn.length > 0) turns.push(turn);
  return turns;
}

/** The records of a batch that end their tasks, held or not. */
export function endedRecords(
  batch: readonly Settlement[],
): ResultRecord[] {
  return batch.flatMap(({ result }) => result?.ended ? [result] : []);
}
