/**
 * How the limits and the unique key of a message are written down: behind its
 * eta, each after a tab, so that messages without them lack even the tab.
 *
 * - `c<most>:<key>` is a limit on how many are leased at a time,
 * - `r<most>/<per>:<key>` one on how many are leased within a span,
 * - `u<until>:<key>` a unique key; in place of a time `l` says that it is free
 *   once the message is not live, `w` that it is once that is leased.
 *
 * @module
 */

import type { Limit, Message, UniqueKey } from "../../src/contracts/mod.ts";

/** The part of a message that is written here. */
export type Conditions = Pick<Message, "limits" | "unique">;

/** A key as a text without tabs or line ends, whatever it holds. */
export function packKey(key: string): string {
  return JSON.stringify(key).slice(1, -1);
}

/** The key in a text. */
export function unpackKey(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}

/** A limit as text. */
export function packLimit(limit: Limit): string {
  const { kind, key, most } = limit;
  const room = kind === "rate" ? `r${most}/${limit.per}` : `c${most}`;
  return `${room}:${packKey(key)}`;
}

/** What a message has, or nothing. */
export function packConditions({ limits, unique }: Conditions): string {
  if (limits === undefined && unique === undefined) return "";
  const parts = limits?.map(packLimit) ?? [];
  if (unique !== undefined) parts.unshift(packUnique(unique));
  return parts.map((part) => `\t${part}`).join("");
}

/** What was written, as far as it can be read. */
export function unpackConditions(text: string): Conditions {
  const limits: Limit[] = [];
  let unique: UniqueKey | undefined;
  for (const part of text.split("\t")) {
    try {
      if (part.startsWith("u")) unique = unpackUnique(part);
      else limits.push(unpackLimit(part));
    } catch {
      // Somebody spoilt it by hand: a message without it is better than none.
    }
  }
  return {
    ...(limits.length === 0 ? undefined : { limits }),
    ...(unique === undefined ? undefined : { unique }),
  };
}

function packUnique({ key, until, waiting }: UniqueKey): string {
  const end = until ?? (waiting ? "w" : "l");
  return `u${end}:${packKey(key)}`;
}

function unpackUnique(text: string): UniqueKey {
  const [end, key] = halves(text);
  if (end === "w") return { key, until: null, waiting: true };
  return { key, until: end === "l" ? null : Number(end) };
}

function unpackLimit(text: string): Limit {
  const [room, key] = halves(text);
  const [most, per] = room.split("/").map(Number);
  if (most === undefined) throw new TypeError("no limit");
  if (per === undefined) return { kind: "concurrency", key, most };
  return { kind: "rate", key, most, per };
}

/** What lies between the first letter and the colon, and the key. */
function halves(text: string): [head: string, key: string] {
  const colon = text.indexOf(":");
  return [text.slice(1, colon), unpackKey(text.slice(colon + 1))];
}
