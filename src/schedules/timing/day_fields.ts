/**
 * The day fields of a cron expression, which know more than sets of values:
 * `L`, `LW`, `15W`, `fri#2`, `friL`. What is read comes back in numbers.
 *
 * @module
 */

import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  missing,
  mistake,
  readValue,
  split,
} from "./field.ts";
import type { Field, Piece, Source } from "./field.ts";
import { backwards, splitStep } from "./field_values.ts";

/** The greatest day that every month has: what `L` counts as at least. */
const ALWAYS = 28;

/** The days of the month that a field stands for. */
export interface Days {
  /** The field, `*` if it says nothing. */
  readonly text: string;
  /** The least day of the month that it asks for. */
  readonly earliest: number;
}

/** Reads the days of the month. */
export function readDays(piece: Piece, source: Source): Days {
  if (isWildcard(piece)) return { text: "*", earliest: 1 };
  const items = split(piece, ",").map((item, _, { length }) =>
    readDay(item, source, length === 1)
  );
  return {
    text: items.map(({ text }) => text).join(),
    earliest: Math.min(...items.map(({ earliest }) => earliest)),
  };
}

function readDay(item: Piece, source: Source, alone: boolean): Days {
  const text = item.text.toUpperCase();
  if (text === "L") return { text, earliest: ALWAYS };
  if (text === "LW") {
    if (alone) return { text, earliest: ALWAYS };
    throw mistake(source, item, "cannot be in a list");
  }
  if (text.endsWith("W")) {
    const base = { text: item.text.slice(0, -1), at: item.at };
    if (base.text === "") {
      throw mistake(source, item, "needs a day before it, such as 15W");
    }
    const day = readValue(DAY_OF_MONTH, base, source);
    return { text: `${day}W`, earliest: day };
  }
  const { text: range, first } = readRange(DAY_OF_MONTH, item, source);
  return { text: range, earliest: first };
}

/** Reads the days of the week: `*` if the field says nothing. */
export function readWeekdays(piece: Piece, source: Source): string {
  if (isWildcard(piece)) return "*";
  if (piece.text.startsWith("+")) {
    throw mistake(
      source,
      piece,
      "begins with a plus; crontab() is where both day fields must match",
    );
  }
  return split(piece, ",").map((item) => readWeekday(item, source)).join();
}

function readWeekday(item: Piece, source: Source): string {
  const hash = item.text.indexOf("#");
  const last = /[^#]L$/i.test(item.text);
  if (hash < 0 && !last) {
    if (item.text.toUpperCase() === "L") {
      throw mistake(source, item, "needs a day before it, such as friL");
    }
    return readRange(DAY_OF_WEEK, item, source, 7).text;
  }
  const end = last ? item.text.length - 1 : hash;
  const base = { text: item.text.slice(0, end), at: item.at };
  if (/[/*]/.test(base.text)) {
    throw mistake(source, item, "must be a day or a range before # and L");
  }
  const { text } = readRange(DAY_OF_WEEK, base, source, 7);
  if (last) return `${text}#L`;
  const nth = { text: item.text.slice(hash + 1), at: item.at + hash + 1 };
  if (nth.text === "") throw missing(source, nth.at);
  if (/^([1-5]|L)$/i.test(nth.text)) return `${text}#${nth.text.toUpperCase()}`;
  throw mistake(source, nth, "is not between 1 and 5, or L for the last");
}

/** Whether a whole field says nothing; `?` is the other name of `*` there. */
function isWildcard({ text }: Piece): boolean {
  return text === "*" || text === "?";
}

/** A wildcard, a value or a range, with its step, in numbers. */
function readRange(
  field: Field,
  item: Piece,
  source: Source,
  max: number = field.max,
): { text: string; first: number } {
  const { base, step } = splitStep(field, item, source);
  const tail = step === 1 ? "" : `/${step}`;
  if (base.text === "*") return { text: `*${tail}`, first: field.min };
  const [from, to, ...more] = split(base, "-") as [Piece, Piece?, ...Piece[]];
  let first = readValue(field, from, source, max);
  if (to === undefined) return { text: String(first), first };
  let end = readValue(field, to, source, max);
  if (more.length > 0) throw mistake(source, base, "is not a range");
  if (field === DAY_OF_WEEK) {
    // Sunday is where the week begins and where it ends, 0 and 7.
    if (first === 7 && end < 7) first = 0;
    if (end === 0 && first > 0) end = 7;
  }
  if (first > end) throw backwards(field, base, from, to, source);
  return { text: `${first}-${end}${tail}`, first };
}
