/**
 * Canvases from their JSON.
 *
 * @module
 */

import {
  type CanvasJson,
  checkCanvasJson,
  isChain,
  isChord,
  isGroup,
} from "../message/canvas_json.ts";
import type { GroupMember, GroupResult } from "../producer/group_result.ts";
import type { Sender } from "../producer/sender.ts";
import { type Signature, signatureFromJson } from "../producer/signature.ts";
import { Chain } from "./chain.ts";
import { Chord } from "./chord.ts";
import { Group } from "./group.ts";

/**
 * What a canvas is that was made from its JSON: whatever its arguments are,
 * they are thought to be all there.
 *
 * @typeParam R what comes of it
 */
export type AnyCanvas<R = unknown> =
  | Signature<[], R>
  | Chain<[], R, GroupMember>
  | Group<[], R, GroupResult<R>>
  | Chord<[], R, GroupMember>;

/**
 * Makes a canvas from its JSON.
 *
 * @throws {DecodeError} saying where it is no canvas
 * @throws {ConfigError} when an option in it will not do
 */
export function canvasFromJson<R>(
  sender: Sender,
  json: CanvasJson,
): AnyCanvas<R> {
  checkCanvasJson(json);
  return build(sender, json) as AnyCanvas<R>;
}

function build(sender: Sender, json: CanvasJson): AnyCanvas {
  const all = (parts: readonly CanvasJson[]) =>
    parts.map((each) => build(sender, each));
  if (isChain(json)) return new Chain(all(json.chain));
  if (isGroup(json)) return new Group(all(json.group));
  if (isChord(json)) {
    return new Chord(all(json.chord), build(sender, json.body));
  }
  return signatureFromJson(sender, json);
}
