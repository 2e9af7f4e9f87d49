/**
 * What ids say: when they were made, and which others follow from them.
 *
 * @module
 */

import { followingId, memberId } from "../../message/ids.ts";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/;

/** When an id was made (epoch ms), if it says so. */
export function madeAt(id: string): number | undefined {
  if (!UUID_7.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The ids of the first members that a group of this id would have. */
export function memberIds(group: string, most: number): readonly string[] {
  if (followingId(group) === undefined) return [];
  return Array.from({ length: most }, (_, at) => memberId(group, at));
}

/** The ids of the tasks before the one of this id in a chain, nearest first. */
export function idsBefore(id: string, most: number): readonly string[] {
  if (followingId(id) === undefined) return [];
  const tail = Number.parseInt(id.slice(24), 16);
  return Array.from({ length: most }, (_, at) => tail - at - 1)
    .filter((number) => number > 0)
    .map((number) => id.slice(0, 24) + number.toString(16).padStart(12, "0"));
}

const UPSTREAM = [
  /^Task ".*?" \((.+?)\), whose result was to be taken, has failed: /s,
  /^Member ".*?" \((.+?)\) of the chord's header ended as /s,
  /^Member (\S+) of the chord's header has no result/s,
];

/** The id of the task that an error says it is the consequence of. */
export function upstreamId(
  error: { readonly name: string; readonly message: string } | undefined,
): string | undefined {
  if (error?.name !== "UpstreamFailedError" && error?.name !== "ChordError") {
    return undefined;
  }
  for (const pattern of UPSTREAM) {
    const id = pattern.exec(error.message)?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}
