/**
 * Handles on what was sent: of what ends last, with all that leads to it as
 * its parents.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  isChain,
  isChord,
  isGroup,
} from "../message/canvas_json.ts";
import { AsyncResult } from "../producer/async_result.ts";
import { type GroupMember, GroupResult } from "../producer/group_result.ts";
import { lastId } from "./freeze.ts";
import { ignoresResult } from "./refuse_ignored.ts";

/** What is known of tasks that have run at the call. */
type Known = ReadonlyMap<string, ResultRecord>;

/**
 * What a caller gets for a frozen canvas.
 *
 * @param known what became of its tasks, if they have run already
 */
export function handleOf(
  app: Internals,
  json: CanvasJson,
  parent: GroupMember | null = null,
  known: Known = new Map(),
): GroupMember {
  if (isChain(json)) {
    let handle = parent;
    for (const step of json.chain) {
      handle = handleOf(app, step, handle, known);
    }
    if (handle === null) return new GroupResult<unknown>(app, "", []);
    return handle;
  }
  if (isGroup(json)) {
    return groupHandle(app, json.id, json.group, parent, known);
  }
  if (isChord(json)) {
    const header = groupHandle(app, json.id, json.chord, parent, known);
    return handleOf(app, json.body, header, known);
  }
  const id = lastId(json);
  const ignored = ignoresResult(app, json);
  return new AsyncResult<unknown>(app, id, parent, known.get(id), ignored);
}

function groupHandle(
  app: Internals,
  id: string = "",
  members: readonly CanvasJson[],
  parent: GroupMember | null,
  known: Known,
): GroupResult<unknown> {
  const results = members.map((each) => handleOf(app, each, null, known));
  return new GroupResult<unknown>(app, id, results, parent);
}
