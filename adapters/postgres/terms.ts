/**
 * The terms of a message: its limits and its unique key, as one text that
 * travels with it, and that the functions of the schema read.
 *
 * @module
 */

import type { Limit, Message, UniqueKey } from "../../src/contracts/mod.ts";
import { textIn, textOut, whole } from "./text.ts";

/** What stands in a line for a message: `["c", key, most, per]`. */
type LimitRow = readonly [
  kind: "c" | "r",
  key: string,
  most: number,
  per: number,
];

interface TermsRow {
  /** Limits. */
  readonly l?: readonly LimitRow[];
  /** The key, until when, and whether it is of one that waits. */
  readonly u?: readonly [string, number | null, boolean | null];
}

/** What a message has of this; neither, as a rule. */
export type Terms = Pick<Message, "limits" | "unique">;

/** Whether a message has terms, or is to take the place of another. */
export function isSpecial({ limits, unique, replace }: Message): boolean {
  return limits !== undefined || unique !== undefined || replace === true;
}

/** The terms of a message as they are kept; `null` for none. */
export function termsIn({ limits, unique }: Terms): string | null {
  if (limits === undefined && unique === undefined) return null;
  const row: TermsRow = {
    ...(limits && { l: limits.map(limitRow) }),
    ...(unique && { u: uniqueRow(unique) }),
  };
  return JSON.stringify(row);
}

/** The same, read. What somebody else has written there is nothing. */
export function termsOut(value: unknown): Terms {
  if (typeof value !== "string") return {};
  try {
    const { l, u } = JSON.parse(value) as TermsRow;
    return { ...(l && { limits: l.map(toLimit) }), ...(u && toUnique(u)) };
  } catch {
    return {};
  }
}

/** A limit as its functions take it. */
export function limitRow(limit: Limit): LimitRow {
  const key = textIn(limit.key);
  const most = Number(whole(limit.most));
  return limit.kind === "rate"
    ? ["r", key, most, Number(whole(limit.per))]
    : ["c", key, most, 0];
}

function uniqueRow({ key, until, waiting }: UniqueKey) {
  const time = until === null ? null : Number(whole(until));
  return [textIn(key), time, waiting ?? null] as const;
}

function toLimit([kind, key, most, per]: LimitRow): Limit {
  return kind === "r"
    ? { kind: "rate", key: textOut(key), most, per }
    : { kind: "concurrency", key: textOut(key), most };
}

function toUnique([key, until, waiting]: NonNullable<TermsRow["u"]>): Terms {
  const unique = { key: textOut(key), until };
  return { unique: waiting === null ? unique : { ...unique, waiting } };
}
