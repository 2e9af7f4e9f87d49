/**
 * From facts to sentences: a pure function that never throws, whatever
 * messages and records hold.
 *
 * @module
 */

import { tellEnded } from "./ended.ts";
import { type Explanation, Notes, type Whereabouts } from "./explanation.ts";
import type { Facts } from "./facts.ts";
import { tellGroup, tellMembership } from "./groups.ts";
import { tellAtMostOnce, tellHeld } from "./held.ts";
import { nameOf, stateOf } from "./read.ts";
import {
  tellEntry,
  tellGone,
  tellLetter,
  tellToCome,
  tellUnknown,
} from "./absent.ts";
import { tellQueued, tellScheduled } from "./waiting.ts";

/** Says where a task is, why it does not run, and what may help. */
export function tell(facts: Facts): Explanation {
  const notes = new Notes();
  const where = tellWhere(facts, notes);
  const { sentences, lines, cures } = notes;
  return {
    id: facts.id,
    task: nameOf(facts) ?? facts.letters.letter?.task ?? null,
    state: stateFrom(facts, where),
    where,
    sentences,
    lines,
    cures,
  };
}

function tellWhere(facts: Facts, notes: Notes): Whereabouts {
  const { live, record, letters, asked, group, predecessor, entry } = facts;
  if (live !== undefined) return tellLive(facts, live.status, notes);
  if (record?.ended === true) return tellEnded(facts, notes);
  if (letters.letter !== undefined) {
    return tellLetter(facts, letters.letter, notes);
  }
  if (asked !== null && asked.holder !== null) {
    return tellAtMostOnce(facts, asked.holder, notes);
  }
  if (record !== undefined) return tellGone(facts, record, notes);
  if (predecessor !== undefined) return tellToCome(facts, predecessor, notes);
  if (group !== undefined) return tellGroup(facts, group, notes);
  if (entry !== null) return tellEntry(facts, entry, notes);
  return tellUnknown(facts, notes);
}

function tellLive(
  facts: Facts,
  status: string,
  notes: Notes,
): Whereabouts {
  const where = status === "queued"
    ? tellQueued(facts, notes)
    : status === "scheduled"
    ? tellScheduled(facts, notes)
    : tellHeld(facts, notes);
  tellMembership(facts, notes);
  return where;
}

function stateFrom(facts: Facts, where: Whereabouts): string {
  if (where === "dead" && facts.record === undefined) return "FAILURE";
  if (where !== "held" || facts.live !== undefined) return stateOf(facts);
  const stage = facts.asked?.holder?.stage;
  return stage === "active" ? "STARTED" : "RECEIVED";
}
