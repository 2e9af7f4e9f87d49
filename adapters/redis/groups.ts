/**
 * Groups as arguments of scripts: their plans, and the ends of their members,
 * which are counted together.
 *
 * @module
 */

import type {
  GroupEnd,
  GroupPlan,
  Message,
  Settlement,
} from "../../src/contracts/mod.ts";
import type { Argument } from "./client.ts";
import { escapeLine, packFresh, unpackMessage } from "./format.ts";

/** One group to begin: id, size, expiry and body. */
export function planArguments(plan: GroupPlan): Argument[] {
  const { id, size, body, expiresAt } = plan;
  const text = `${escapeLine(body.id)}\n${packFresh(body, 0)}`;
  return [escapeLine(id), size, expiresAt ?? "", text];
}

/** The message that the body of a group is. */
export function unpackBody(text: string): Message {
  const end = text.indexOf("\n");
  return unpackMessage(text.slice(0, end), text.slice(end + 1));
}

/** Ends by group: id, 1 if a member failed, count and indexes of each. */
export function endArguments(ends: readonly GroupEnd[]): Argument[] {
  const byGroup = new Map<string, { failed: boolean; indexes: number[] }>();
  for (const { group, index, failed } of ends) {
    const known = byGroup.get(group) ?? { failed: false, indexes: [] };
    known.failed ||= failed;
    known.indexes.push(index);
    byGroup.set(group, known);
  }
  return [...byGroup].flatMap((
    [group, { failed, indexes }],
  ) => [escapeLine(group), failed ? 1 : 0, indexes.length, ...indexes]);
}

/** Whether a settlement means anything for groups. */
export function hasGroups({ groups, ends }: Settlement): boolean {
  return (groups !== undefined && groups.length > 0) ||
    (ends !== undefined && ends.length > 0);
}

/** The ends of one group that mean the same. */
interface Count {
  readonly group: string;
  readonly failed: boolean;
  /** Whose they are: first and length of each run. */
  readonly runs: number[];
}

/** What the settlements of a step mean for groups. */
export class SettledGroups {
  readonly #plans: Argument[] = [];
  readonly #well = new Map<string, Count>();
  readonly #failed = new Map<string, Count>();
  #planCount = 0;
  #last: Count | undefined;

  /** Whether a member of this group ends here. */
  counts(group: string): boolean {
    return this.#well.has(group) || this.#failed.has(group);
  }

  /** Adds those of a settlement, with its index in the batch. */
  add({ groups, ends }: Settlement, owner: number): void {
    for (const plan of groups ?? []) {
      this.#plans.push(owner, ...planArguments(plan));
      this.#planCount++;
    }
    for (const end of ends ?? []) {
      const { runs } = this.#countOf(end);
      const last = runs.length - 2;
      if ((runs[last] ?? 0) + (runs[last + 1] ?? 0) === owner && last >= 0) {
        runs[last + 1] = (runs[last + 1] ?? 0) + 1;
      } else {
        runs.push(owner, 1);
      }
    }
  }

  /** Appends them. */
  write(args: Argument[]): void {
    const counts = [...this.#well.values(), ...this.#failed.values()];
    args.push("G", this.#planCount);
    for (const one of this.#plans) args.push(one);
    args.push(counts.length);
    for (const { group, failed, runs } of counts) {
      args.push(escapeLine(group), failed ? 1 : 0, runs.length / 2);
      for (const one of runs) args.push(one);
    }
  }

  #countOf({ group, failed }: GroupEnd): Count {
    const last = this.#last;
    // Most are like the one before.
    if (last?.group === group && last.failed === failed) return last;
    const counts = failed ? this.#failed : this.#well;
    let count = counts.get(group);
    if (count === undefined) {
      counts.set(group, count = { group, failed, runs: [] });
    }
    return this.#last = count;
  }
}
