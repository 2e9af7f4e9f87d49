/**
 * The statement that ends deliveries: one for a batch, whatever becomes of
 * each. It holds what a batch of its shape needs, and nothing else.
 *
 * `$1` is the consumer, `$2` the ids, `$3` the tokens, `$4` a channel, `$5`
 * what to say there about ends of tasks.
 *
 * What a settlement brings travels with its row through the fence, so that
 * nothing has to be joined to what was held: columns in the order of the batch
 * are read once, each row is found by its id.
 *
 * @module
 */

import { payloadSql } from "./channels.ts";
import { countSql, ENDS_TYPE, openHeldSql } from "./groups.ts";
import { KIND, MOVES, TERMS_MOVE } from "./moves.ts";
import {
  ALIKE_PARAMS,
  type AlikeSql,
  alikeSql,
  keepFirstSql,
  keepSql,
  PARAM_COLUMNS,
  paramArrays,
} from "./records.ts";
import type { SettleShape } from "./settle.ts";
import { termsSql } from "./settle_terms.ts";
import { matches, quoteText, textsIn } from "./text.ts";

/** How many parameters every statement has. */
const COMMON = 5;

/** What all parts of a statement refer to. */
interface Statement {
  readonly s: string;
  readonly shape: SettleShape;
  readonly input: Input;
  readonly at: Placeholders;
}

/** What comes in, a row for each settlement. */
interface Input {
  readonly columns: readonly string[];
  readonly arrays: readonly string[];
  /** How its records are said, if they are alike. */
  readonly alike: AlikeSql | undefined;
}

/** Parameters beside the columns; empty where there is none. */
interface Placeholders {
  readonly now: string;
  /** Where it is said that there is work. */
  readonly channel: string;
  /** The groups whose members end, and who says where their bodies went. */
  readonly groups: string;
  readonly bodySender: string;
  /** What is said of the work, and how many messages arrive. */
  readonly work: string;
  readonly arrivals: string;
  /** Who says that there is room. */
  readonly roomSender: string;
}

/** Counts parameters. */
class Numbers {
  #last = COMMON;

  /** The next one, or so many from there on. */
  next(count = 1): number {
    const first = this.#last + 1;
    this.#last += count;
    return first;
  }
}

/**
 * The statement for batches of a shape.
 *
 * Answers with one row: whether all were held, and else the places of those
 * that were; where members of groups end, the third column are the queues that
 * their bodies went to.
 */
export function settleSql(s: string, shape: SettleShape): string {
  const numbers = new Numbers();
  const input = inputOf(shape, numbers);
  const at = placeholdersOf(shape, numbers);
  const statement = { s, shape, input, at };
  return shape.moves ? movingSql(statement) : plainSql(statement);
}

function inputOf(shape: SettleShape, numbers: Numbers): Input {
  const columns: string[] = ["id", "token"];
  const arrays: string[] = [textsIn("$2"), "$3::bigint[]"];
  const add = (name: string, type: string) => {
    const next = `$${numbers.next()}`;
    columns.push(name);
    arrays.push(type === "text" ? textsIn(next) : `${next}::${type}[]`);
  };
  let alike: AlikeSql | undefined;
  if (shape.results === "first" || shape.results === "alike") {
    alike = alikeSql(numbers.next(ALIKE_PARAMS));
    columns.push(...alike.columns);
    arrays.push(...alike.arrays);
  } else if (shape.results === "any") {
    columns.push(...PARAM_COLUMNS);
    arrays.push(...paramArrays(numbers.next(PARAM_COLUMNS.length)));
  }
  if (shape.moves) {
    const moves = shape.special ? [...MOVES, TERMS_MOVE] : MOVES;
    for (const [name, type] of moves) add(name, type);
  }
  if (shape.opens) add("opens", "text");
  if (shape.ends !== "none") add("ends", ENDS_TYPE[shape.ends]);
  return { columns, arrays, alike };
}

function placeholdersOf(shape: SettleShape, numbers: Numbers): Placeholders {
  const next = (type: string, isUsed: boolean) =>
    isUsed ? `$${numbers.next()}${type}` : "";
  const ends = shape.ends !== "none";
  const isTimed = shape.moves || ends;
  return {
    now: next("::bigint", isTimed),
    channel: next("::text", isTimed),
    groups: next("", ends),
    bodySender: next("::text", ends),
    work: next("::text", shape.moves),
    arrivals: next("::int", shape.moves),
    roomSender: next("::text", shape.special),
  };
}

/** All are simply acknowledged: what is deleted was held. */
function plainSql(statement: Statement): string {
  const ends = endsSql(statement);
  return `with ${
    parts(
      inputSql(statement.input),
      `held as (${deleteSql(statement)})`,
      plainKeptSql(statement, ends?.kept),
      ends?.counted,
      TOLD,
    )
  } ${answerSql(ends?.answer)} from held`;
}

function plainKeptSql(
  { s, shape: { results }, input: { alike } }: Statement,
  returning: string | undefined,
): string {
  switch (results) {
    case "none":
      return "";
    case "first":
      return keepFirstSql(s, alike?.kept ?? "", returning);
    case "alike":
      return keepSql(s, "held", "", alike?.kept, returning);
    case "any":
      return keepSql(
        s,
        "held",
        "where r_state is not null",
        undefined,
        returning,
      );
  }
}

/** Some go back, to the dead letters, or are followed by others. */
function movingSql(statement: Statement): string {
  const { s, shape, at, input: { columns } } = statement;
  const { now, channel, work, arrivals } = at;
  const terms = termsSql(s, shape.special, at);
  const ends = endsSql(statement);
  const carried = names(columns.slice(2));
  return `with ${
    parts(
      inputSql(statement.input),
      terms.before(FENCE),
      `done as (${deleteSql(statement)})`,
      `seqs as materialized (
    -- What is requeued and what follows arrive in the order of the batch.
    select array_agg(nextval(${quoteText(`${s}.task_seq`)})) as list
    from generate_series(1, ${arrivals})
  )`,
      movedSql(statement, terms.moved),
      `held as materialized (
    select place, id${carried} from done
    union all
    select place, id${carried} from moved
  )`,
      terms.ended,
      `buried as (
    insert into ${s}.dead
      (id, task, queue, priority, eta, body, losses, terms, reason, detail,
        died_at)
    select id, o_task, o_queue, o_priority, o_eta, o_body, o_losses, o_terms,
      reason, detail, ${now}
    from done where kind = ${KIND.dead} order by place
  )`,
      `added as (
    -- The order also lets all deletions come first: a task may send itself.
    insert into ${s}.task
      (seq, id, task, queue, priority, eta, due, body${terms.columns})
    select (select list from seqs)[next.at], next.id, next.task, next.queue,
      next.priority, next.eta, next.due,
      coalesce(next.body, held.m_body)${terms.values}
    from held cross join lateral json_to_recordset(held.next::json) as next
      (at int, id text, task text, queue text, priority int, eta bigint,
        due bigint, body text, unless bigint${terms.record})
    where held.next is not null ${terms.after}and (unless is null or not exists (
      select 1 from held as later where later.place = unless))
    order by next.at
    on conflict (id) do nothing
    returning id
  )`,
      restartedSql(statement),
      movingKeptSql(statement, ends?.kept),
      shape.opens ? openHeldSql(s) : "",
      ends?.counted,
      TOLD,
      `woken as (
    select pg_notify(${channel}, ${work}) where ${work} is not null
      and exists (select 1 from held)
  )`,
    )
  } ${
    answerSql(ends?.answer)
  }, (select count(*) from woken) as woken${terms.answer} from held`;
}

function movedSql({ s, input }: Statement, termsMoved: string): string {
  return `moved as (
    update ${s}.task set
      consumer = null, token = null,
      losses = task.losses + case kind when ${KIND.lost} then 1 else 0 end,
      seq = case kind when ${KIND.requeue}
        then (select list from seqs)[m_at] else task.seq end,
      task = coalesce(m_task, task.task),
      queue = coalesce(m_queue, task.queue),
      priority = coalesce(m_priority, task.priority),
      eta = case kind when ${KIND.requeue} then m_eta else task.eta end,
      due = m_due,
      body = coalesce(m_body, task.body),
      recorded = true${termsMoved}
    from input
    where ${FENCE} and kind not in (${KIND.ack}, ${KIND.dead})
    returning input.place, input.id${carriedOf(input)}
  )`;
}

/** What is sent starts over: an earlier end of it is forgotten. */
function restartedSql({ s, shape }: Statement): string {
  const orHere = shape.restarts
    ? " or exists (select 1 from held where r_id = added.id and r_ended)"
    : "";
  return `restarted as (
    delete from ${s}.result using added
    where ${matches("result.id", "added.id")} and (ended${orHere})
  )`;
}

function movingKeptSql(
  { s, shape }: Statement,
  returning: string | undefined,
): string {
  if (shape.results !== "any") return "";
  // A record that ends a task, and then the task starts over.
  const butRestarted = shape.restarts
    ? `and not (r_ended and exists (
              select 1 from added where added.id = r_id))`
    : "";
  const where = `where r_state is not null ${butRestarted} order by place`;
  return keepSql(s, "held", where, undefined, returning);
}

function inputSql({ columns, arrays }: Input): string {
  return `input as materialized (
    select * from unnest(${arrays.join(", ")}) with ordinality
      as i (${columns.join(", ")}, place)
  )`;
}

// In words that the index of consumers does not know: a planner that takes
// the table for empty would read all that is held for each row.
const FENCE = `${matches("task.id", "input.id")} ` +
  "and task.consumer is not distinct from $1::text " +
  "and task.token = input.token";

function deleteSql({ s, shape, input }: Statement): string {
  return `
    delete from ${s}.task using input
    where ${FENCE} ${
    shape.moves ? `and kind in (${KIND.ack}, ${KIND.dead})` : ""
  }
    returning input.place, input.id${carriedOf(input)}
      ${shape.moves ? OLD_COLUMNS : ""}${
    shape.results === "first" ? ", task.recorded" : ""
  }
  `;
}

const OLD_COLUMNS =
  `, task.terms as o_terms, task.task as o_task, task.queue as o_queue,
      task.priority as o_priority, task.eta as o_eta, task.body as o_body,
      task.losses as o_losses`;

const TOLD = `told as (
    select pg_notify($4::text, payload) from unnest(${textsIn("$5")}) as payload
    where exists (select 1 from held)
  )`;

function answerSql(more = ""): string {
  return `select case
      when count(*) = (select count(*) from input) then null
      else coalesce(json_agg(place), '[]')::text
    end as held, (select count(*) from told) as told${more}`;
}

/** What the ends of members add to the statement. */
interface EndsSql {
  /** CTEs. */
  readonly counted: string;
  /** Columns of the answer. */
  readonly answer: string;
  /** What the records return, for the CTEs that wait for them. */
  readonly kept: string;
}

function endsSql({ s, shape, at }: Statement): EndsSql | null {
  if (shape.ends === "none") return null;
  const { now, channel, groups, bodySender } = at;
  const after = shape.results === "none" ? null : "kept";
  return {
    counted: `${
      countSql(s, { form: shape.ends, groups, now, after })
    }, called as (
      select pg_notify(${channel}, ${payloadSql(bodySender, "queue")})
      from (select distinct queue from bodies) as news
      where ${bodySender} is not null
    )`,
    answer: `, (select json_agg(distinct queue)::text from bodies) as queues,
      (select count(*) from called) as called`,
    kept: "returning 1",
  };
}

/** CTEs in turn, without those that are not needed. */
function parts(...ctes: readonly (string | undefined)[]): string {
  return ctes.filter(Boolean).join(", ");
}

function carriedOf({ columns }: Input): string {
  return columns.slice(2).map((name) => `, input.${name}`).join("");
}

function names(columns: readonly string[]): string {
  return columns.map((name) => `, ${name}`).join("");
}
