/**
 * What limits and unique keys add to the statement that ends deliveries.
 *
 * @module
 */

import { LIMITS_MARK } from "./limits_mark.ts";
import { KIND } from "./moves.ts";
import { quoteText } from "./text.ts";

/** What terms add to the statement, where there are any. */
export interface TermsSql {
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

/**
 * What terms add.
 *
 * @param special whether there are any
 * @param at placeholders: the time, a channel, and who says there that there
 * is room
 */
export function termsSql(
  s: string,
  special: boolean,
  { now, channel, roomSender }: {
    readonly now: string;
    readonly channel: string;
    readonly roomSender: string;
  },
): TermsSql {
  if (!special) return NO_TERMS;
  return {
    before: (fence) =>
      `prior as materialized (
    select place, task.terms from input join ${s}.task on ${fence}
  )`,
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
      ${roomSender} || E'\n' || ${quoteText(LIMITS_MARK)})
    from room where freed > 0 and ${roomSender} is not null
  )`,
    columns: ", terms, token",
    values: `, next.terms,
      case when next.terms is not null then ${now} end`,
    record: ", terms text",
    after: "and (select count(*) from room) >= 0 ",
    answer: `, (select count(*) from roomed) as roomed,
      (select freed from room) > 0 as has_room`,
  };
}
