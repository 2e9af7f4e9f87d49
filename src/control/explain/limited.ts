/**
 * Of tasks that limits hold back, and of those that are unique.
 *
 * @module
 */

import { amount, counted } from "../limit_words.ts";
import type { Notes } from "./explanation.ts";
import type { Facts, LimitFacts } from "./facts.ts";
import { argument, list, when } from "./words.ts";

/**
 * Says which limits have no room.
 *
 * @returns whether there is one
 */
export function tellLimits({ limits, now }: Facts, notes: Notes): boolean {
  const full = limits.filter(({ state: { opensAt } }) =>
    opensAt === null || opensAt > now
  );
  for (const each of full) tellFull(each, now, notes);
  return full.length > 0;
}

function tellFull(
  { limit, state }: LimitFacts,
  now: number,
  notes: Notes,
): void {
  const { holders, opensAt, taken } = state;
  const what = `${amount(limit)} for ${counted(limit.key)}`;
  if (limit.kind === "rate") {
    notes.say(
      `It is limited by rate, to ${what}: ${taken} have started within that time` +
        (opensAt === null ? "" : `, and there is room ${when(opensAt, now)}`),
    );
    return;
  }
  notes.say(
    `It is limited by concurrency, to ${what}, which is held by ${
      list(holders)
    }`,
  );
  const [first] = holders;
  if (first !== undefined) notes.advise(`lovage explain ${argument(first)}`);
}

/** Says that there is one of its kind only. */
export function tellUnique({ live }: Facts, notes: Notes): void {
  const { unique } = live ?? {};
  if (unique === undefined) return;
  notes.say(
    unique.waiting === true
      ? "It is unique (keepLast): while it waits, a newer one like it takes its place, under this id"
      : "It is unique: others like it are not sent, or take its place, and are known by this id",
  );
}
