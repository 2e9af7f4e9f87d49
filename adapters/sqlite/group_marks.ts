/**
 * Which members of a group have ended, where that is told one by one and may
 * be told again: a bit for each, in rows of many, so that a large group takes
 * little room and is soon dropped. To be called inside transactions.
 *
 * @module
 */

import type { GroupEnd, Message } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { bodyOf, countGroup } from "./groups.ts";
import { firstTuple } from "./rows.ts";

/** How many members share a row; each of their ends rewrites it. */
const PART = 1024;

const FIND = "select seq from lovage_group where id = ?";
const READ = `select bits from lovage_group_marks
  where group_seq = ? and part = ?`;
const WRITE = `insert or replace into lovage_group_marks
  (group_seq, part, bits) values (?, ?, ?)`;

/**
 * Counts members that have ended, each once. No group is dropped.
 *
 * @returns the bodies of those that are over
 */
export function markEnds(client: Client, ends: readonly GroupEnd[]): Message[] {
  const bodies: Message[] = [];
  for (const [group, members] of Map.groupBy(ends, (end) => end.group)) {
    const seq = firstTuple(client.tuples(FIND), group)?.[0] as number;
    if (seq === undefined) continue;
    const ended = markMembers(client, seq, members.map((one) => one.index));
    const failed = members.some((one) => one.failed);
    const over = countGroup(client, group, { ended, failed });
    const body = over && bodyOf(client, over);
    if (body) bodies.push(body);
  }
  return bodies;
}

/** Marks members and returns how many were not marked before. */
function markMembers(
  client: Client,
  seq: number,
  indexes: readonly number[],
): number {
  let marked = 0;
  const parts = Map.groupBy(indexes, (index) => Math.floor(index / PART));
  for (const [part, some] of parts) {
    const bits = new Uint8Array(PART / 8);
    const known = firstTuple(client.tuples(READ), seq, part)?.[0];
    if (known instanceof Uint8Array) bits.set(known.subarray(0, bits.length));
    const fresh = some.filter((index) => setBit(bits, index % PART)).length;
    if (fresh > 0) client.statement(WRITE).run(seq, part, bits);
    marked += fresh;
  }
  return marked;
}

/** Sets a bit and returns whether it was not set. */
function setBit(bits: Uint8Array, at: number): boolean {
  const mask = 1 << (at & 7);
  const byte = bits[at >> 3] ?? 0;
  bits[at >> 3] = byte | mask;
  return (byte & mask) === 0;
}
