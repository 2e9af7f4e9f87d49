/**
 * Groups that something waits for: one place for the broker, which counts
 * them with settlements, and for the result backend.
 *
 * @module
 */

import type { GroupEnd, GroupPlan, Message } from "../../src/contracts/mod.ts";
import type { MemoryState } from "./state.ts";

/** A group and how far it is. */
export interface Group {
  readonly id: string;
  readonly body: Message;
  /** How many members have not ended. */
  left: number;
  failed: boolean;
  /** The members that were marked as ended, where they are told one by one. */
  readonly marked: Set<number>;
}

/** Begins groups, but for those that are known. */
export function openGroups(
  state: MemoryState,
  plans: readonly GroupPlan[],
): void {
  for (const { id, size, body, expiresAt } of plans) {
    if (state.groups.has(id)) continue;
    const group: Group = {
      id,
      body: toKeep(body),
      left: size,
      failed: false,
      marked: new Set(),
    };
    state.groups.set(id, group);
    if (expiresAt !== null) {
      state.groupExpiry.push(expiresAt, state.next(), group);
    }
  }
}

/**
 * Counts the ends of one settlement. A group that is over is forgotten.
 *
 * @returns the bodies of those that are over
 */
export function countEnds(
  state: MemoryState,
  ends: readonly GroupEnd[],
): Message[] {
  const bodies: Message[] = [];
  for (const { group: id, failed } of ends) {
    const group = state.groups.get(id);
    if (group === undefined) continue;
    group.left--;
    if (group.left > 0 && !failed) continue;
    state.groups.delete(id);
    bodies.push(group.body);
  }
  return bodies;
}

/**
 * Counts members that have ended, each once. No group is forgotten.
 *
 * @returns the bodies of those that are over
 */
export function markEnds(
  state: MemoryState,
  ends: readonly GroupEnd[],
): Message[] {
  const over = new Set<Group>();
  for (const { group: id, index, failed } of ends) {
    const group = state.groups.get(id);
    if (group === undefined) continue;
    if (!group.marked.has(index)) group.left--;
    group.marked.add(index);
    group.failed ||= failed;
    if (group.left <= 0 || group.failed) over.add(group);
  }
  return [...over].map((group) => group.body);
}

/**
 * Drops groups that have expired.
 *
 * @returns how many
 */
export function expireGroups(
  state: MemoryState,
  now: number,
  limit: number,
): number {
  let dropped = 0;
  while (dropped < limit) {
    const group = state.groupExpiry.pop(now);
    if (group === undefined) break;
    state.groups.delete(group.id);
    dropped++;
  }
  return dropped;
}

/** The message without `fresh`: a body may be published more than once. */
function toKeep(message: Message): Message {
  const { fresh: _, ...rest } = message;
  return rest;
}
