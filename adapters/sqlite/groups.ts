/**
 * Groups that something waits for: begun, counted down with settlements, and
 * dropped. To be called inside transactions.
 *
 * A group is a narrow row, since it changes with every batch; its body, which
 * may be long, lies in a table of its own.
 *
 * @module
 */

import type { GroupEnd, GroupPlan, Message } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { firstTuple, textIn, textOut } from "./rows.ts";
import { termsIn, termsOut } from "./terms.ts";

const OPEN = `insert into lovage_group (id, missing, expires_at)
  values (?, ?, ?) on conflict (id) do nothing`;
const KEEP_BODY = `insert into lovage_group_body
  (seq, id, task, queue, priority, eta, body, terms)
  values (?, ?, ?, ?, ?, ?, ?, ?)`;
const COUNT = `update lovage_group
  set missing = missing - ?, failed = max(failed, ?)
  where id = ? returning seq, missing <= 0 or failed`;
const BODY = `select id, task, queue, cast(priority as real),
  cast(eta as real), body, terms from lovage_group_body where seq = ?`;
const DROP = "delete from lovage_group where seq = ?";
const EXPIRE = `delete from lovage_group where seq in
  (select seq from lovage_group indexed by lovage_group_expiry
    where expires_at is not null and expires_at <= ?
    order by expires_at limit ?)`;

/** How many members of a group ended, and whether one of them failed. */
export interface GroupCount {
  ended: number;
  failed: boolean;
}

/** What batches mean for groups, by their ids: one update for each. */
export type GroupCounts = Map<string, GroupCount>;

/** Begins groups, but for those that are known. */
export function openGroups(client: Client, plans: readonly GroupPlan[]): void {
  for (const { id, size, body, expiresAt } of plans) {
    const { changes, lastInsertRowid } = client.statement(OPEN)
      .run(id, size, expiresAt);
    if (changes === 0) continue;
    client.statement(KEEP_BODY).run(
      lastInsertRowid,
      ...[body.id, body.task, body.queue, body.priority, body.eta],
      textIn(body.body),
      termsIn(body),
    );
  }
}

/** Adds the ends of one settlement to the counts. */
export function addEnds(
  counts: GroupCounts,
  ends: readonly GroupEnd[],
): void {
  for (const { group, failed } of ends) {
    const count = counts.get(group);
    if (count === undefined) counts.set(group, { ended: 1, failed });
    else {
      count.ended++;
      count.failed ||= failed;
    }
  }
}

/**
 * Counts ends that are told once. A group that is over is dropped.
 *
 * @returns the bodies of those that are over
 */
export function countEnds(client: Client, counts: GroupCounts): Message[] {
  const bodies: Message[] = [];
  for (const [group, count] of counts) {
    const over = countGroup(client, group, count);
    if (over === undefined) continue;
    const body = bodyOf(client, over);
    if (body !== undefined) bodies.push(body);
    client.statement(DROP).run(over);
  }
  return bodies;
}

/**
 * Counts members of a group, if it is known.
 *
 * @returns its number if it is over
 */
export function countGroup(
  client: Client,
  group: string,
  { ended, failed }: GroupCount,
): number | undefined {
  const row = firstTuple(client.tuples(COUNT), ended, failed ? 1 : 0, group);
  return row?.[1] === 1 ? row[0] as number : undefined;
}

/** What is published when the group of this number is over. */
export function bodyOf(client: Client, seq: number): Message | undefined {
  const row = firstTuple(client.tuples(BODY), seq);
  return row && {
    id: textOut(row[0]),
    task: textOut(row[1]),
    queue: textOut(row[2]),
    priority: row[3] as number ?? 0,
    eta: row[4] as number | null,
    body: textOut(row[5]),
    ...termsOut(row[6]),
  };
}

/**
 * Drops groups that have expired.
 *
 * @returns how many
 */
export function expireGroups(
  client: Client,
  now: number,
  limit: number,
): number {
  return Number(client.statement(EXPIRE).run(now, limit).changes);
}
