/**
 * Batches of settlements as single statements can settle them: what one of
 * them changes, the others of the same statement do not see.
 *
 * @module
 */

import type { Settlement } from "../../src/contracts/mod.ts";

/**
 * Batches in which each task occurs once, and each record, and no group that
 * begins has members that end, and no key that one wants may be another's: to
 * be settled one after the other. Nearly always it is one.
 */
export function inTurns(batch: readonly Settlement[]): Settlement[][] {
  const begin = batch.some(({ groups }) => groups !== undefined);
  const turns: Settlement[][] = [];
  let seen = new Set<string>();
  let groups = new GroupsSeen();
  let turn: Settlement[] = [];
  let wanted = false;
  for (const one of batch) {
    const { id, result } = one;
    const record = result?.id ?? id;
    const wants = wantsKey(one);
    if (turn.length > 0 && (wants || wanted)) {
      turns.push(turn);
      turn = [];
      seen = new Set();
      groups = new GroupsSeen();
    }
    wanted = wants;
    if (seen.has(id) || seen.has(record) || (begin && groups.clash(one))) {
      turns.push(turn);
      turn = [];
      seen = new Set();
      groups = new GroupsSeen();
    }
    seen.add(id).add(record);
    if (begin) groups.add(one);
    turn.push(one);
  }
  if (turn.length > 0) turns.push(turn);
  return turns;
}

function wantsKey({ publish = [] }: Settlement): boolean {
  return publish.some(({ unique }) => unique !== undefined);
}

/** The groups of a turn. */
class GroupsSeen {
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();

  clash({ groups = [], ends = [] }: Settlement): boolean {
    return groups.some(({ id }) =>
      this.#begun.has(id) || this.#ended.has(id)
    ) ||
      ends.some(({ group }) => this.#begun.has(group));
  }

  add({ groups = [], ends = [] }: Settlement): void {
    for (const { id } of groups) this.#begun.add(id);
    for (const { group } of ends) this.#ended.add(group);
  }
}
