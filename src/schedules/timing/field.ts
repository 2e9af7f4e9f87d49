/**
 * The fields of cron, and how the values in them are read. Every error names
 * the place of the mistake, counted from 1.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";

/** A field: which values it takes. */
export interface Field {
  /** Its name in a sentence. */
  readonly name: string;
  /** The least value. */
  readonly min: number;
  /** The greatest value. */
  readonly max: number;
  /** The names of the values, from the least on. */
  readonly names: readonly string[];
}

/** The seconds. */
export const SECOND: Field = field("second", 0, 59);
/** The minutes. */
export const MINUTE: Field = field("minute", 0, 59);
/** The hours. */
export const HOUR: Field = field("hour", 0, 23);
/** The days of the month. */
export const DAY_OF_MONTH: Field = field("day of the month", 1, 31);
/** The months. */
export const MONTH: Field = field(
  "month",
  1,
  12,
  "january february march april may june july august september october november december",
);
/** The days of the week, from Sunday on. */
export const DAY_OF_WEEK: Field = field(
  "day of the week",
  0,
  6,
  "sunday monday tuesday wednesday thursday friday saturday",
);

function field(name: string, min: number, max: number, names = ""): Field {
  return { name, min, max, names: names.split(" ").filter(Boolean) };
}

/** A piece of a text, and where it begins in the whole, counted from 0. */
export interface Piece {
  /** Its text. */
  readonly text: string;
  /** Where it begins. */
  readonly at: number;
}

/** What is being read, for errors. */
export interface Source {
  /** The whole as the subject of a sentence: `The crontab's minute "0,75"`. */
  readonly subject: string;
  /** The whole text. */
  readonly text: string;
}

/** The error for a piece: `subject: piece at position n problem`. */
export function mistake(
  source: Source,
  piece: Piece,
  problem: string,
): ScheduleError {
  const position = piece.at + 1;
  const text = /^\w+$/.test(piece.text) ? piece.text : `"${piece.text}"`;
  return new ScheduleError(
    `${source.subject}: ${text} at position ${position} ${problem}`,
    { position },
  );
}

/** The error for a place where there should be something. */
export function missing(source: Source, at: number): ScheduleError {
  const position = Math.max(1, Math.min(at + 1, source.text.length));
  return new ScheduleError(
    `${source.subject}: a value is missing at position ${position}`,
    { position },
  );
}

/** The pieces between a separator. */
export function split(piece: Piece, separator: string): Piece[] {
  let at = piece.at;
  return piece.text.split(separator).map((text) => {
    const part = { text, at };
    at += text.length + separator.length;
    return part;
  });
}

/** The piece without the spaces around it. */
export function trim({ text, at }: Piece): Piece {
  const start = text.trimStart();
  return { text: start.trimEnd(), at: at + text.length - start.length };
}

/**
 * Reads a value: a number, or a name by its first three letters or in full.
 *
 * @param max the greatest number, if not the field's
 */
export function readValue(
  field: Field,
  piece: Piece,
  source: Source,
  max: number = field.max,
): number {
  if (piece.text === "") throw missing(source, piece.at);
  const named = nameOf(field, piece.text);
  if (named !== undefined) return named;
  if (!/^\d+$/.test(piece.text)) {
    throw mistake(source, piece, `is not ${wanted(field)}`);
  }
  const value = Number(piece.text);
  if (value >= field.min && value <= max) return value;
  const sunday = field === DAY_OF_WEEK && value === 7
    ? "; write 0 for Sunday"
    : "";
  throw mistake(
    source,
    piece,
    `is not between ${field.min} and ${max}${sunday}`,
  );
}

function nameOf(field: Field, text: string): number | undefined {
  const name = text.toLowerCase();
  const index = field.names.findIndex((full) =>
    name === full || name === full.slice(0, 3)
  );
  return index < 0 ? undefined : index + field.min;
}

function wanted({ names: [first] }: Field): string {
  return first === undefined
    ? "a number"
    : `a number or a name such as "${first.slice(0, 3)}"`;
}

/** Reads a step, which may at most be as large as the field. */
export function readStep(field: Field, piece: Piece, source: Source): number {
  if (piece.text === "") throw missing(source, piece.at);
  const most = field.max - field.min + 1;
  const step = /^\d+$/.test(piece.text) ? Number(piece.text) : NaN;
  if (step >= 1 && step <= most) return step;
  throw mistake(
    source,
    piece,
    `is not a step between 1 and ${most}` +
      (step > most ? "; every() takes any period" : ""),
  );
}
