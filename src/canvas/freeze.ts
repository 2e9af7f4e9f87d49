/**
 * Freezing: every task and group of a canvas gets its id before anything is
 * sent, so that whatever is sent again is the same task, and the caller has
 * a handle on each.
 *
 * @module
 */

import {
  type CanvasJson,
  type ChordJson,
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
 * A canvas whose tasks and groups have ids. Those that they have are kept.
 *
 * @param id the id of what ends last, if it has none
 */
export function freeze(json: CanvasJson, id?: string): CanvasJson {
  return freezePart(json, { id, isWaitedFor: false });
}

function freezePart(json: CanvasJson, place: Place): CanvasJson {
  if (isChain(json)) return freezeChain(stepsOf(json), place);
  if (isChord(json)) return freezeChord(json, place);
  if (isGroup(json)) return freezeGroup(json, place);
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
  { group, id = groupId(), listId }: GroupJson,
  { id: endId = uuid7(), isWaitedFor }: Place,
): GroupJson {
  // Where a list is wanted, a group in a group is part of it.
  const flat = isWaitedFor ? membersOf(group) : group;
  return {
    id,
    group: flat.map((each, at) =>
      freezePart(each, { id: memberId(id, at), isWaitedFor })
    ),
    ...(isWaitedFor ? { listId: listId ?? endId } : {}),
  };
}

function freezeChord(
  { chord, body, id = groupId() }: ChordJson,
  place: Place,
): ChordJson {
  return {
    id,
    chord: membersOf(chord).map((each, at) =>
      freezePart(each, { id: memberId(id, at), isWaitedFor: true })
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
