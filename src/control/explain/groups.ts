/**
 * Of groups: which members are left.
 *
 * @module
 */

import type { Notes, Whereabouts } from "./explanation.ts";
import type { Facts, GroupFacts, TaskFacts } from "./facts.ts";
import { isUnfinished, nameOf, stateOf } from "./read.ts";
import { count, list } from "../../words.ts";

/** Of an id that is a group's. */
export function tellGroup(
  _facts: Facts,
  group: GroupFacts,
  notes: Notes,
): Whereabouts {
  notes.say("This is the id of a group, not of a task");
  tellMembers(group, notes);
  const [left] = unfinished(group);
  if (left !== undefined) notes.advise(`lovage explain ${left.id}`);
  return "group";
}

/** Of a member: who else of its group is not done. */
export function tellMembership(facts: Facts, notes: Notes): void {
  const { group, envelope } = facts;
  if (group === undefined) return;
  const index = envelope?.groupIndex;
  notes.say(
    `It is ${
      index === undefined ? "a member" : `member ${index + 1}`
    } of group ${group.id}` +
      (envelope?.chord === true
        ? ", whose results something waits for: that is sent once all members have ended well, or one has failed"
        : ""),
  );
  tellMembers(group, notes);
}

/** Which members are known, and which of them have not ended. */
export function tellMembers(group: GroupFacts, notes: Notes): void {
  const left = unfinished(group);
  const known = `${group.more ? "at least " : ""}${
    count(group.members.length, "member")
  }`;
  notes.say(
    left.length === 0
      ? `The group has ${known} that ${
        group.members.length === 1 ? "is" : "are"
      } known, and all of them have ended`
      : `Of ${known} of the group that ${
        group.members.length === 1 ? "is" : "are"
      } known, ${left.length} ${
        left.length === 1 ? "has" : "have"
      } not ended: ${list(left.map(shown))}`,
  );
}

function unfinished({ members }: GroupFacts): readonly TaskFacts[] {
  return members.filter(isUnfinished);
}

function shown(task: TaskFacts): string {
  return `"${nameOf(task) ?? "?"}" (${task.id}, ${
    task.live?.status ?? stateOf(task)
  })`;
}
