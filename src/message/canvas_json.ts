/**
 * A canvas as it travels: signatures, and how they are put together.
 *
 * @module
 */

import { DecodeError } from "../errors.ts";
import type { SignatureJson } from "./signature_json.ts";

/** A chain: each step takes the result of the one before. */
export interface ChainJson {
  /** Its steps, the first is sent first. */
  readonly chain: readonly CanvasJson[];
}

/** A group: its members run side by side. */
export interface GroupJson {
  /** Its members. */
  readonly group: readonly CanvasJson[];
  /** Its id, once it is to be sent. */
  readonly id?: string | undefined;
  /** The id of the list of its results, where something waits for it. */
  readonly listId?: string | undefined;
}

/** A chord: a group, and what takes the list of its results. */
export interface ChordJson {
  /** The members of the group. */
  readonly chord: readonly CanvasJson[];
  /** What runs after them. */
  readonly body: CanvasJson;
  /** The id of the group, once it is to be sent. */
  readonly id?: string | undefined;
}

/** Any canvas; the simplest is a signature. */
export type CanvasJson = SignatureJson | ChainJson | GroupJson | ChordJson;

/** Whether it is a chain. */
export function isChain(json: CanvasJson): json is ChainJson {
  return "chain" in json;
}

/** Whether it is a group. */
export function isGroup(json: CanvasJson): json is GroupJson {
  return "group" in json;
}

/** Whether it is a chord. */
export function isChord(json: CanvasJson): json is ChordJson {
  return "chord" in json;
}

/** Whether it is a signature. */
export function isSignature(json: CanvasJson): json is SignatureJson {
  return "task" in json;
}

/** The steps of a canvas, chains within chains laid out flat. */
export function stepsOf(json: CanvasJson): readonly CanvasJson[] {
  return isChain(json) ? json.chain.flatMap(stepsOf) : [json];
}

/** The members of a group, groups within groups laid out flat. */
export function membersOf(
  members: readonly CanvasJson[],
): readonly CanvasJson[] {
  return members.flatMap((each) =>
    isGroup(each) ? membersOf(each.group) : each
  );
}

/**
 * Makes sure that a value is the JSON of a canvas.
 *
 * @throws {DecodeError} saying where it is none
 */
export function checkCanvasJson(
  value: unknown,
  path = "the canvas",
): asserts value is CanvasJson {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DecodeError(`Not the JSON of a canvas: ${path} is no object`);
  }
  const { task, args, chain, group, chord, body } = value as Record<
    string,
    unknown
  >;
  const list = chain ?? group ?? chord;
  if (list === undefined) {
    if (typeof task === "string" && Array.isArray(args)) return;
    throw new DecodeError(
      `Not the JSON of a signature: ${path} needs a task's name and a list of arguments`,
    );
  }
  if (!Array.isArray(list)) {
    throw new DecodeError(
      `Not the JSON of a canvas: the members of ${path} are no list`,
    );
  }
  if (chain !== undefined && list.length === 0) {
    throw new DecodeError(`Not the JSON of a chain: ${path} has no step`);
  }
  list.forEach((each, at) => checkCanvasJson(each, `${path}[${at}]`));
  if (chord !== undefined) checkCanvasJson(body, `the body of ${path}`);
}
