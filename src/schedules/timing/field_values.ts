/**
 * Fields that stand for a set of values: `*`, `5`, `1-10/3`, `mon,wed`.
 *
 * @module
 */

import { mistake, readStep, readValue, split, trim } from "./field.ts";
import type { Field, Piece, Source } from "./field.ts";

/** What a field stands for. */
export interface FieldValues {
  /** The values, ascending. */
  readonly values: readonly number[];
  /** Whether it is every value of the field. */
  readonly every: boolean;
  /** Whether the values were written out, without a wildcard or a step. */
  readonly plain: boolean;
}

/**
 * Reads a field that is a set of values.
 *
 * @param wraps whether a range may run past the end: `fri-mon`
 * @throws {ScheduleError} saying what is wrong, and where
 */
export function readValues(
  field: Field,
  piece: Piece,
  source: Source,
  wraps: boolean,
): FieldValues {
  const items = split(piece, ",").map(trim);
  const found = items.flatMap((item) => readItem(field, item, source, wraps));
  const values = [...new Set(found)].sort((a, b) => a - b);
  return {
    values,
    every: values.length === field.max - field.min + 1,
    plain: !/[*/]/.test(piece.text),
  };
}

function readItem(
  field: Field,
  item: Piece,
  source: Source,
  wraps: boolean,
): number[] {
  const { base, step } = splitStep(field, item, source);
  const values = base.text === "*"
    ? range(field.min, field.max)
    : readRange(field, base, source, wraps);
  return values.filter((_, index) => index % step === 0);
}

/** Takes the step off an item: only `*` and ranges have one. */
export function splitStep(
  field: Field,
  item: Piece,
  source: Source,
): { base: Piece; step: number } {
  const slash = item.text.indexOf("/");
  if (slash < 0) return { base: item, step: 1 };
  const base = { text: item.text.slice(0, slash), at: item.at };
  const text = item.text.slice(slash + 1);
  const step = readStep(field, { text, at: item.at + slash + 1 }, source);
  if (base.text === "*") return { base, step };
  if (base.text === "") {
    throw mistake(source, item, `has a step of nothing; write */${step}`);
  }
  if (!base.text.includes("-")) {
    throw mistake(
      source,
      item,
      `has a step, which takes a range; write ${base.text}-${field.max}/${step}`,
    );
  }
  return { base, step };
}

function readRange(
  field: Field,
  base: Piece,
  source: Source,
  wraps: boolean,
): number[] {
  const [from, to, ...more] = split(base, "-") as [Piece, Piece?, ...Piece[]];
  const first = readValue(field, from, source);
  if (to === undefined) return [first];
  const last = readValue(field, to, source);
  if (more.length > 0) throw mistake(source, base, "is not a range");
  if (first <= last) return range(first, last);
  if (!wraps) throw backwards(field, base, from, to, source);
  return [...range(first, field.max), ...range(field.min, last)];
}

/** The error for a range whose end comes before its beginning. */
export function backwards(
  field: Field,
  base: Piece,
  from: Piece,
  to: Piece,
  source: Source,
): Error {
  const { min, max } = field;
  return mistake(
    source,
    base,
    `runs backwards; write ${from.text}-${max},${min}-${to.text}`,
  );
}

/** All whole numbers from one to another. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
