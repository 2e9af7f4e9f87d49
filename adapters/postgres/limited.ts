/**
 * How messages are leased that limits may hold back.
 *
 * @module
 */

import type { Delivery } from "../../src/contracts/mod.ts";
import type { Outlook } from "./agenda.ts";
import type { Row } from "./client.ts";
import { toDelivery } from "./reserve.ts";

/**
 * The statement. `$1` are the queues in turn, `$2` is how many deliveries are
 * wanted of them, with and without limits, `$3` how many with limits, `$4`
 * whether each queue leaves the others their part, `$5` the consumer, `$6` the
 * token, which is odd, `$7` the time, and `$8` the time to measure rates by if
 * that is not the server's.
 */
export function takeSql(s: string): string {
  return `select * from ${s}.limit_take($1::text[], $2::int, $3::int,
    $4::int = 1, $5::text, $6::bigint, $7::bigint, $8::bigint)`;
}

/** What was leased, and what is left. */
export interface Limited extends Outlook {
  /** What was leased. */
  readonly deliveries: readonly Delivery[];
  /** Its places in the order of arrival. */
  readonly places: readonly number[];
  /** Whether something was left to other queues, or to what comes first. */
  readonly left: boolean;
}

/** What nobody looked for. */
export const NOTHING: Limited = {
  deliveries: [],
  places: [],
  left: false,
  more: false,
  nextAt: null,
};

/** For how long what is just being changed is left alone, in ms. */
const BUSY = 20;

/**
 * Reads the answer; `token` is the one before that of the statement, `now` the
 * time from which spans are counted.
 */
export function readLimited(
  rows: readonly Row[],
  token: number,
  now: number,
): Limited {
  const found = rows.filter((row) => row[0] !== null);
  const end = rows.find((row) => row[0] === null);
  const flags = Number(end?.[3] ?? 0);
  const spans = [
    end?.[4] ?? null,
    Number(end?.[6] ?? 0) > 0 ? BUSY : null,
  ]
    .filter((span) => span !== null) as number[];
  return {
    deliveries: found.map((row) => toDelivery(row, token)),
    places: found.map((row) => row[8] as number),
    more: (flags & 1) !== 0,
    left: (flags & 2) !== 0,
    nextAt: spans.length === 0 ? null : now + Math.min(...spans),
  };
}
