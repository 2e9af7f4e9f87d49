/**
 * What a store has nothing of, as a rule, but that those who reserve must heed:
 * asked for in one statement, so that it costs no more than a look at one.
 *
 * @module
 */

import type { Client } from "./client.ts";
import { firstTuple } from "./rows.ts";

const ANY = `select exists (select 1 from lovage_paused limit 1),
  exists (select 1 from lovage_line limit 1),
  exists (select 1 from lovage_revoked limit 1)`;

/** Which of them there are. */
export interface Exceptions {
  /** Queues that are paused. */
  readonly paused: boolean;
  /** Messages that limits may hold back. */
  readonly lines: boolean;
  /** Messages that were cancelled before they came. */
  readonly revoked: boolean;
}

/** Looks for them. */
export function exceptionsIn(client: Client): Exceptions {
  const row = firstTuple(client.tuples(ANY));
  const [paused, lines, revoked] = row ?? [];
  return { paused: paused === 1, lines: lines === 1, revoked: revoked === 1 };
}
