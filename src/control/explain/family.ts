/**
 * The tasks whose ids follow from another's: members of a group, and the
 * tasks before one in a chain.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import type { GroupFacts, TaskFacts } from "./facts.ts";
import { idsBefore, memberIds } from "./ids.ts";
import { lookUp } from "./look_up.ts";
import { isKnown } from "./read.ts";

/** So many members of a group are looked at. */
const MOST_MEMBERS = 200;
/** A chain is followed back over so many steps. */
const MOST_STEPS = 50;

/** The group that a task is a member of. */
export async function groupOf(
  stores: OpenStores,
  task: TaskFacts,
): Promise<GroupFacts | undefined> {
  const group = groupIdOf(task);
  return group === undefined ? undefined : await groupBy(stores, group);
}

/**
 * What an id may stand for of which the broker knows nothing: a group, or the
 * step of a chain that comes later.
 */
export async function relatives(
  stores: OpenStores,
  task: TaskFacts,
): Promise<{
  readonly group: GroupFacts | undefined;
  readonly predecessor: TaskFacts | undefined;
}> {
  const members = memberIds(task.id, MOST_MEMBERS);
  const before = idsBefore(task.id, MOST_STEPS);
  const found = await lookUp(stores, [...members, ...before]);
  // The ids of a chain's steps follow on each other as well.
  const own = found.slice(0, members.length).filter((each) =>
    groupIdOf(each) === task.id
  );
  const group = groupFrom(task.id, own);
  if (group !== undefined) return { group, predecessor: undefined };
  const predecessor = found.slice(members.length).find(isKnown);
  if (predecessor === undefined || isMember(predecessor)) {
    return { group: undefined, predecessor: undefined };
  }
  return { group: await groupAfter(stores, predecessor), predecessor };
}

/** The group that a task has led to: what comes after it waits for that. */
async function groupAfter(
  stores: OpenStores,
  { meta, record }: TaskFacts,
): Promise<GroupFacts | undefined> {
  if (record?.state !== "SUCCESS") return undefined;
  const [child] = meta.children;
  if (child === undefined) return undefined;
  const [first] = await lookUp(stores, [child]) as [TaskFacts];
  const id = groupIdOf(first);
  return id === undefined ? undefined : await groupBy(stores, id);
}

async function groupBy(
  stores: OpenStores,
  id: string,
): Promise<GroupFacts | undefined> {
  return groupFrom(id, await lookUp(stores, memberIds(id, MOST_MEMBERS)));
}

function groupFrom(
  id: string,
  members: readonly TaskFacts[],
): GroupFacts | undefined {
  const known = members.filter(isKnown);
  if (known.length === 0) return undefined;
  return { id, members: known, more: known.length >= MOST_MEMBERS };
}

/** Whether its id follows from that of a group, not from a chain's. */
function isMember(task: TaskFacts): boolean {
  return groupIdOf(task)?.slice(0, 24) === task.id.slice(0, 24);
}

function groupIdOf({ envelope, meta }: TaskFacts): string | undefined {
  return envelope?.group ?? meta.group;
}
