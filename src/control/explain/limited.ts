/**
 * Of tasks that limits hold back, and of those that are unique.
 *
 * @module
 */

import { amount, counted } from "../limit_words.ts";
import type { Notes } from "./explanation.ts";
import type { Facts, LimitFacts } from "./facts.ts";
import { argument, list, when } from "../../words.ts";

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
  if (limits.length > 0 && full.length === 0) {
    notes.passesQuietly("limit", "Its limits have room");
  }
  return full.length > 0;
}

// A call that replaces one that waits goes under the id of that one.
function tellReplaced({ now, envelope }: Facts, notes: Notes): void {
  if (envelope?.calledAs === undefined) return;
  const { calledAs, sentAt, parentId } = envelope;
  notes.say(
    `It was replaced by the call ${calledAs}, made ${when(sentAt, now)}` +
      (parentId === undefined ? "" : ` by task ${parentId}`) +
      ": it has that one's arguments, and keeps its own id",
  );
}

function tellFull(
  { limit, state }: LimitFacts,
  now: number,
  notes: Notes,
): void {
  const { holders, opensAt, taken } = state;
  const what = `${amount(limit)} for ${counted(limit.key)}`;
  if (limit.kind === "rate") {
    notes.holds(
      "limit",
      `It is limited by rate, to ${what}: ${taken} have started within that time` +
        (opensAt === null ? "" : `, and there is room ${when(opensAt, now)}`),
    );
    return;
  }
  notes.holds(
    "limit",
    `It is limited by concurrency, to ${what}, which is held by ${
      list(holders)
    }`,
  );
  const [first] = holders;
  if (first !== undefined) notes.advise(`lovage explain ${argument(first)}`);
}

/** Says that there is one of its kind only, and whether it took a place. */
export function tellUnique(facts: Facts, notes: Notes): void {
  tellReplaced(facts, notes);
  const { unique } = facts.live ?? {};
  if (unique === undefined) return;
  notes.say(
    unique.waiting === true
      ? "It is unique (keepLast): while it waits, a newer one like it takes its place, under this id"
      : "It is unique: others like it are not sent, or take its place, and are known by this id",
  );
}
