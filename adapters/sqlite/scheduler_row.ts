/**
 * The one row about all schedule entries: what counts their changes, and who
 * leads. To be called inside transactions, but for what only reads.
 *
 * @module
 */

import type { Candidate, Leadership } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { firstTuple, textOut } from "./rows.ts";

/** How far a clock may be set back before a lease counts as ended, in ms. */
const TOLERANCE = 1_000;

const REVISION = "select cast(revision as real) from lovage_scheduler " +
  "where only = 1";
const COUNT_UP = `insert into lovage_scheduler (only, revision) values (1, 1)
  on conflict (only) do update set revision = revision + 1`;
const READ = `select cast(revision as real), leader, name,
  cast(lease as real), cast(renewed_at as real)
  from lovage_scheduler where only = 1`;
const TAKE = `insert into lovage_scheduler
  (only, revision, leader, name, lease, renewed_at) values (1, 0, ?, ?, ?, ?)
  on conflict (only) do update set leader = excluded.leader,
    name = excluded.name, lease = excluded.lease,
    renewed_at = excluded.renewed_at`;
const RESIGN = `update lovage_scheduler set leader = null
  where only = 1 and leader = ?`;

/** The number of puts and removals so far. */
export function lastRevision(client: Client): number {
  return firstTuple(client.tuples(REVISION))?.[0] as number ?? 0;
}

/** Counts a put or a removal. */
export function countUp(client: Client): void {
  client.statement(COUNT_UP).run();
}

/** Who leads by now. */
export function readLead(client: Client, now: number): Leadership {
  const row = firstTuple(client.tuples(READ)) ?? [0, null];
  const revision = row[0] as number ?? 0;
  const [lease, renewedAt] = [row[3] as number, row[4] as number];
  // Where the clock was set back, a lease must not last until it is there.
  const binds = now >= renewedAt - TOLERANCE && now < renewedAt + lease;
  if (row[1] === null || !binds) {
    return { id: null, name: "", until: 0, now, revision };
  }
  const [id, name] = [textOut(row[1]), textOut(row[2])];
  return { id, name, until: renewedAt + lease, now, revision };
}

/** Gives the lead to the candidate, if it has it or nobody does. */
export function takeLead(
  client: Client,
  { id, name, lease }: Candidate,
  now: number,
): Leadership {
  const held = readLead(client, now);
  if (held.id !== null && held.id !== id) return held;
  client.statement(TAKE).run(id, name, lease, now);
  return { ...held, id, name, until: now + lease };
}

/** Takes the lead from the one of this id, if it has it. */
export function resignLead(client: Client, id: string): void {
  client.statement(RESIGN).run(id);
}
