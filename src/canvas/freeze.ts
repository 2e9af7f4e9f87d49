/**
 * Freezing: every task and group of a canvas gets its id before anything is
 * sent, so that whatever is sent again is the same task, and the caller has
 * a handle on each.
 *
 * @module
 */

import {
  type CanvasJson,
  type GroupJson,
  isChain,
  isChord,
  isGroup,
  isSignature,
  membersOf,
  stepsOf,
} from "../message/canvas_json.ts";
import { groupId, memberId, uuid7 } from "../message/ids.ts";

/** Where a part of a canvas stands. */
interface Place {
  /** The id of what ends last in it. */
  readonly id?: string | undefined;
  /** Whether something takes its result: what is a group is then one list. */
  readonly isWaitedFor: boolean;
}

/**
 * A canvas whose tasks have ids.
 *
 * @param id the id of what ends last; one of its own is kept
 */
export function freeze(json: CanvasJson, id?: string): CanvasJson {
  return freezePart(json, { id, isWaitedFor: false });
}

function freezePart(json: CanvasJson, place: Place): CanvasJson {
  if (isChain(json)) return freezeChain(stepsOf(json), place);
  if (isChord(json)) return freezeChord(json.chord, json.body, place);
  if (isGroup(json)) return freezeGroup(json.group, place);
  const taskId = json.options["taskId"] ?? place.id ?? uuid7();
  return { ...json, options: { ...json.options, taskId } };
}

function freezeChain(steps: readonly CanvasJson[], place: Place): CanvasJson {
  const ids = groupId();
  const last = steps.length - 1;
  return {
    chain: steps.map((step, at) => {
      // Ids that follow on each other need not all be said.
      const id = memberId(ids, at);
      return freezePart(
        step,
        at === last
          ? { ...place, id: place.id ?? id }
          : { id, isWaitedFor: true },
      );
    }),
  };
}

function freezeGroup(
  members: readonly CanvasJson[],
  { id: listId = uuid7(), isWaitedFor }: Place,
): GroupJson {
  const id = groupId();
  // Where a list is wanted, a group in a group is part of it.
  const flat = isWaitedFor ? membersOf(members) : members;
  return {
    id,
    group: flat.map((each, at) =>
      freezePart(each, { id: memberId(id, at), isWaitedFor })
    ),
    ...(isWaitedFor ? { listId } : {}),
  };
}

function freezeChord(
  header: readonly CanvasJson[],
  body: CanvasJson,
  place: Place,
): CanvasJson {
  const group = groupId();
  return {
    id: group,
    chord: membersOf(header).map((each, at) =>
      freezePart(each, { id: memberId(group, at), isWaitedFor: true })
    ),
    body: freezePart(body, place),
  };
}

/** Whether any id in a canvas was chosen by the caller. */
export function hasChosenIds(json: CanvasJson): boolean {
  if (isSignature(json)) return json.options["taskId"] !== undefined;
  if (isChain(json)) return json.chain.some(hasChosenIds);
  if (isGroup(json)) return json.group.some(hasChosenIds);
  return json.chord.some(hasChosenIds) || hasChosenIds(json.body);
}

/** The id of what ends last in a frozen canvas. */
export function lastId(json: CanvasJson): string {
  if (isSignature(json)) return String(json.options["taskId"]);
  if (isChain(json)) return lastId(json.chain.at(-1) as CanvasJson);
  if (isChord(json)) return lastId(json.body);
  return json.listId ?? json.id ?? "";
}
