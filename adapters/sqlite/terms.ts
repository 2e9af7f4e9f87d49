/**
 * The terms of a message: its limits and its unique key, kept as one text.
 *
 * @module
 */

import type { Limit, Message } from "../../src/contracts/mod.ts";
import { textOut } from "./rows.ts";

/** What a message has of this; neither, as a rule. */
export type Terms = Pick<Message, "limits" | "unique">;

/** Whether a message has terms, or is to take the place of another. */
export function isSpecial({ limits, unique, replace }: Message): boolean {
  return limits !== undefined || unique !== undefined || replace === true;
}

/** The terms as they are kept; `null` for none. JSON escapes what must be. */
export function termsIn({ limits, unique }: Terms): string | null {
  if (limits === undefined && unique === undefined) return null;
  return JSON.stringify({ limits, unique });
}

/** The same, read. What somebody else has written there is nothing. */
export function termsOut(value: unknown): Terms {
  if (typeof value !== "string") return {};
  try {
    const { limits, unique } = JSON.parse(value) as Terms;
    return { ...(limits && { limits }), ...(unique && { unique }) };
  } catch {
    return {};
  }
}

/**
 * The line that a message stands in while it is ready: one for each queue and
 * set of keys; `null` where nothing can hold it back. One whose key is free
 * while it is leased has a line as well, so that it is leased there.
 */
export function lineOf(queue: string, terms: Terms): string | null {
  if (terms.limits === undefined && !terms.unique?.waiting) return null;
  const names = (terms.limits ?? []).map(nameOf).sort();
  return MARK + JSON.stringify([queue, ...names]);
}

/** What no queue begins with. */
const MARK = "\u0001";

/** The queue of a message that is kept under this name. */
export function queueOf(name: unknown, line: unknown): string {
  const text = textOut(name);
  if (line === null || !text.startsWith(MARK)) return text;
  return (JSON.parse(text.slice(1)) as [string])[0];
}

/** Whether a name is that of a line. */
export function isLine(name: string): boolean {
  return name.startsWith(`${MARK}[`);
}

/** The name under which a limit counts. */
export function nameOf({ kind, key }: Limit): string {
  return JSON.stringify([kind, key]);
}
