/**
 * How deliveries end: one statement for a batch, whatever becomes of each.
 *
 * @module
 */

import type { ResultRecord, Settlement } from "../../src/contracts/mod.ts";
import { payloadSql } from "./channels.ts";
import type { Param } from "./client.ts";
import {
  type CountOptions,
  countSql,
  ENDS_TYPE,
  type EndsForm,
  endsOf,
  openHeldSql,
  opensOf,
} from "./groups.ts";
import { KIND, moveArrays, MOVES, TERMS_MOVE } from "./moves.ts";
import {
  alikeParams,
  alikeSql,
  keepFirstSql,
  keepSql,
  PARAM_COLUMNS,
  paramArrays,
  recordParams,
} from "./records.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import { isSpecial } from "./terms.ts";
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
  /**
   * Whether some have a result; whether all have one, and alike; and whether
   * these may be taken for the first ones of their tasks.
   */
  readonly results: "none" | "first" | "alike" | "any";
  /** A message is sent whose record is stored by the same batch. */
  readonly restarts: boolean;
  /** Some are not simply acknowledged, or have successors. */
  readonly moves: boolean;
  /** Groups begin with it. */
  readonly opens: boolean;
  /** Members of groups end. */
  readonly ends: EndsForm | "none";
  /** Some have terms, or messages that follow from it. */
  readonly special: boolean;
}

/** What a batch stores: its form, and its parameters. */
interface Results {
  readonly form: SettleShape["results"];
  readonly params: readonly Param[];
}

function resultsOf(
  batch: readonly Settlement[],
  { moves, isFirst }: { moves: boolean; isFirst: boolean },
): Results {
  const records = batch.map(({ result }) => result);
  if (records.every((record) => record === undefined)) {
    return { form: "none", params: [] };
  }
  const alike = moves ? null : alikeParams(batch.map(({ id }) => id), records);
  return alike === null
    ? { form: "any", params: recordParams(records) }
    : { form: isFirst ? "first" : "alike", params: alike };
}

function restarts(batch: readonly Settlement[]): boolean {
  const records = new Set(batch.map(({ result }) => result?.id));
  return batch.some(({ publish = [] }) =>
    publish.some((message) => records.has(message.id))
  );
}

/**
 * Whether something is to be given back or taken: the tokens of messages with
 * terms are odd.
 */
function hasTerms({ token, action, publish = [] }: Settlement): boolean {
  return token % 2 !== 0 || publish.some(isSpecial) ||
    (action.kind === "requeue" && isSpecial(action.message));
}

function isMove({ action, publish = [], groups = [] }: Settlement): boolean {
  return action.kind !== "ack" || publish.length > 0 || groups.length > 0;
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
 * that were; where members of groups end, the third column are the queues that
 * their bodies went to.
 */
export function settleSql(s: string, shape: SettleShape): string {
  const columns: string[] = ["id", "token"];
  const arrays: string[] = [textsIn("$2"), "$3::bigint[]"];
  let param = 5;
  const isFirst = shape.results === "first";
  const alike = isFirst || shape.results === "alike"
    ? alikeSql(param + 1)
    : undefined;
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
    const moves = shape.special ? [...MOVES, TERMS_MOVE] : MOVES;
    for (const [name, type] of moves) {
      const next = `$${++param}`;
      columns.push(name);
      arrays.push(type === "text" ? textsIn(next) : `${next}::${type}[]`);
    }
  }
  if (shape.opens) {
    columns.push("opens");
    arrays.push(textsIn(`$${++param}`));
  }
  if (shape.ends !== "none") {
    columns.push("ends");
    const next = `$${++param}`;
    const type = ENDS_TYPE[shape.ends];
    arrays.push(type === "text" ? textsIn(next) : `${next}::${type}[]`);
  }
  const isTimed = shape.moves || shape.ends !== "none";
  const now = isTimed ? `$${++param}::bigint` : "";
  const channel = isTimed ? `$${++param}::text` : "";
  const groups = `$${param + 1}`;
  const sender = `$${param + 2}::text`;
  if (shape.ends !== "none") param += 2;
  const work = shape.moves ? `$${++param}::text` : "";
  const arrivals = shape.moves ? `$${++param}::int` : "";
  const terms = termsSql(s, shape.special, {
    now,
    channel,
    sender: `$${param + 1}::text`,
  });
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
    where ${fence} ${
    shape.moves ? `and kind in (${KIND.ack}, ${KIND.dead})` : ""
  }
    returning input.place, input.id${carried}
      ${shape.moves ? OLD_COLUMNS : ""}${isFirst ? ", task.recorded" : ""}
  )`;
  const told = `told as (
    select pg_notify($4::text, payload) from unnest(${textsIn("$5")}) as payload
    where exists (select 1 from held)
  )`;
  const ends = shape.ends === "none" ? null : endsSql(s, channel, sender, {
    form: shape.ends,
    groups,
    now,
    after: shape.results === "none" ? null : "kept",
  });
  const answer = `select case
      when count(*) = (select count(*) from input) then null
      else coalesce(json_agg(place), '[]')::text
    end as held, (select count(*) from told) as told${ends?.answer ?? ""}`;
  if (!shape.moves) {
    const held = done.replace("done as", "held as");
    const kept = {
      none: "",
      first: `, ${keepFirstSql(s, alike?.kept ?? "", ends?.kept)}`,
      alike: `, ${keepSql(s, "held", "", alike?.kept, ends?.kept)}`,
      any: `, ${
        keepSql(s, "held", "where r_state is not null", undefined, ends?.kept)
      }`,
    }[shape.results];
    return `with ${input}, ${held}${kept}, ${
      ends?.counted ?? ""
    }${told} ${answer} from held`;
  }
  return `with ${input}, ${terms.before(fence)}${done}, seqs as materialized (
    -- What is requeued and what follows arrive in the order of the batch.
    select array_agg(nextval(${quoteText(`${s}.task_seq`)})) as list
    from generate_series(1, ${arrivals})
  ), moved as (
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
      recorded = true${terms.moved}
    from input
    where ${fence} and kind not in (${KIND.ack}, ${KIND.dead})
    returning input.place, input.id${carried}
  ), held as materialized (
    select place, id${names(columns.slice(2))} from done
    union all
    select place, id${names(columns.slice(2))} from moved
  ), ${terms.ended}buried as (
    insert into ${s}.dead
      (id, task, queue, priority, eta, body, losses, terms, reason, detail,
        died_at)
    select id, o_task, o_queue, o_priority, o_eta, o_body, o_losses, o_terms,
      reason, detail, ${now}
    from done where kind = ${KIND.dead} order by place
  ), added as (
    -- The order also lets all deletions come first: a task may send itself.
    insert into ${s}.task
      (seq, id, task, queue, priority, eta, due, body${terms.columns})
    select (select list from seqs)[next.at], next.id, next.task, next.queue, next.priority, next.eta, next.due,
      coalesce(next.body, held.m_body)${terms.values}
    from held cross join lateral json_to_recordset(held.next::json) as next
      (at int, id text, task text, queue text, priority int, eta bigint,
        due bigint, body text, unless bigint${terms.record})
    where held.next is not null ${terms.after}and (unless is null or not exists (
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
        undefined,
        ends?.kept,
      ) + ","
      : ""
  } ${shape.opens ? `${openHeldSql(s)}, ` : ""}${
    ends?.counted ?? ""
  }${told}, woken as (
    select pg_notify(${channel}, ${work}) where ${work} is not null
      and exists (select 1 from held)
  ) ${answer}, (select count(*) from woken) as woken${terms.answer} from held`;
}

/** What terms add to the statement, where there are any. */
interface TermsSql {
  /** A CTE of the terms that ended leases had. */
  readonly before: (fence: string) => string;
  /** What a message has that goes back to its queue. */
  readonly moved: string;
  /** CTEs that give room and keys back. */
  readonly ended: string;
  /** Of messages that follow. */
  readonly columns: string;
  readonly values: string;
  readonly record: string;
  /** These come after what has ended. */
  readonly after: string;
  /** Columns of the answer. */
  readonly answer: string;
}

const NO_TERMS: TermsSql = {
  before: () => "",
  ...{ moved: "", ended: "", columns: "", values: "", record: "" },
  ...{ after: "", answer: "" },
};

function termsSql(
  s: string,
  special: boolean,
  { now, channel, sender }: { now: string; channel: string; sender: string },
): TermsSql {
  if (!special) return NO_TERMS;
  return {
    before: (fence) =>
      `prior as materialized (
    select place, task.terms from input join ${s}.task on ${fence}
  ), `,
    moved: `,
      terms = case kind when ${KIND.requeue} then m_terms else task.terms end,
      line = null`,
    ended: `room as materialized (
    select ${s}.leases_end(array_agg(held.id order by place),
      array_agg(prior.terms order by place), ${now}) as freed
    from held join prior using (place)
    where prior.terms is not null or m_terms is not null
  ), roomed as (
    select pg_notify(${channel},
      ${sender} || E'\n' || ${quoteText(LIMITS_MARK)})
    from room where freed > 0 and ${sender} is not null
  ), `,
    columns: ", terms, token",
    values: `, next.terms,
      case when next.terms is not null then ${now} end`,
    record: ", terms text",
    after: "and (select count(*) from room) >= 0 ",
    answer: `, (select count(*) from roomed) as roomed,
      (select freed from room) > 0 as has_room`,
  };
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

function endsSql(
  s: string,
  channel: string,
  sender: string,
  options: CountOptions,
): EndsSql {
  return {
    counted: `${countSql(s, options)}, called as (
      select pg_notify(${channel}, ${payloadSql(sender, "queue")})
      from (select distinct queue from bodies) as news
      where ${sender} is not null
    ), `,
    answer: `, (select json_agg(distinct queue)::text from bodies) as queues,
      (select count(*) from called) as called`,
    kept: "returning 1",
  };
}

function names(columns: readonly string[]): string {
  return columns.map((name) => `, ${name}`).join("");
}

const OLD_COLUMNS =
  `, task.terms as o_terms, task.task as o_task, task.queue as o_queue,
      task.priority as o_priority, task.eta as o_eta, task.body as o_body,
      task.losses as o_losses`;

/** A statement with its parameters. */
export interface SettleCall {
  readonly shape: SettleShape;
  readonly params: readonly Param[];
}

/**
 * A batch as the statement for its shape takes it.
 *
 * @param isFirst whether its records may be taken for the first of their tasks
 */
export function settleCall(
  consumer: string,
  batch: readonly Settlement[],
  ended: { readonly channel: string; readonly payloads: readonly string[] },
  work: {
    readonly now: number;
    readonly channel: string;
    readonly payload: string | null;
    /** Who says which queues bodies went to; `null` when nothing is said. */
    readonly sender: string | null;
  },
  isFirst: boolean,
): SettleCall {
  const special = batch.some(hasTerms);
  const moves = special || batch.some(isMove);
  const opens = batch.some(({ groups = [] }) => groups.length > 0);
  const results = resultsOf(batch, { moves, isFirst });
  const moved = moves ? moveArrays(batch, work.now, special) : null;
  const ends = endsOf(batch);
  const isTimed = moved !== null || ends !== null;
  const params: Param[] = [
    textIn(consumer),
    textList(batch.map((one) => one.id)),
    numberArray(batch.map((one) => one.token)),
    ended.channel,
    textList(ended.payloads),
    ...results.params,
    ...(moved?.arrays ?? []),
    ...(opens ? [textList(opensOf(batch))] : []),
    ...(ends === null ? [] : [ends.column]),
    ...(isTimed ? [work.now, work.channel] : []),
    ...(ends === null ? [] : [ends.groups, work.sender]),
    ...(moved === null ? [] : [work.payload, moved.arrivals]),
    ...(special ? [work.sender] : []),
  ];
  const shape: SettleShape = {
    results: results.form,
    restarts: restarts(batch),
    moves,
    opens,
    ends: ends?.form ?? "none",
    special,
  };
  return { shape, params };
}

/** The records of a batch that end their tasks, held or not. */
export function endedRecords(
  batch: readonly Settlement[],
): ResultRecord[] {
  return batch.flatMap(({ result }) => result?.ended ? [result] : []);
}
