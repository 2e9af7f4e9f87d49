/**
 * From values to rows and back.
 *
 * @module
 */

import type { SQLInputValue, StatementSync } from "node:sqlite";
import type { Client } from "./client.ts";

/**
 * Rows per insert statement. One statement for many rows saves the greater
 * part of what a row costs here; beyond 50 nothing more is gained.
 */
const ROWS_PER_INSERT = 50;

/** One row of an answer, read by {@linkcode Client.tuples}. */
export type Tuple = readonly unknown[];

/** All rows of a statement from {@linkcode Client.tuples}. */
export function allTuples(
  statement: StatementSync,
  ...values: SQLInputValue[]
): Tuple[] {
  return statement.all(...values) as unknown as Tuple[];
}

/** The first row of a statement from {@linkcode Client.tuples}. */
export function firstTuple(
  statement: StatementSync,
  ...values: SQLInputValue[]
): Tuple | undefined {
  return statement.get(...values) as unknown as Tuple | undefined;
}

/** An insert statement that takes any number of rows. */
export interface Insert {
  /** `insert into … (…)`. */
  readonly into: string;
  /** How many columns it names. */
  readonly columns: number;
  /** What follows the values: ` on conflict …`. */
  readonly tail: string;
}

/**
 * Inserts rows, given as one flat list of values.
 *
 * @returns how many were inserted
 */
export function insertRows(
  client: Client,
  insert: Insert,
  values: readonly SQLInputValue[],
): number {
  const { columns } = insert;
  let inserted = 0;
  for (let at = 0; at < values.length;) {
    const left = (values.length - at) / columns;
    const rows = left >= ROWS_PER_INSERT ? ROWS_PER_INSERT : left >= 8 ? 8 : 1;
    const end = at + rows * columns;
    const { changes } = client.statement(insertSql(insert, rows))
      .run(...values.slice(at, end));
    inserted += Number(changes);
    at = end;
  }
  return inserted;
}

const insertTexts = new Map<Insert, Map<number, string>>();

function insertSql(insert: Insert, rows: number): string {
  let texts = insertTexts.get(insert);
  if (texts === undefined) insertTexts.set(insert, texts = new Map());
  let text = texts.get(rows);
  if (text === undefined) {
    const row = `(${Array(insert.columns).fill("?").join(",")})`;
    text = `${insert.into} values ${Array(rows).fill(row).join(",")}` +
      insert.tail;
    texts.set(rows, text);
  }
  return text;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A text as SQLite keeps it unchanged: reading cuts a text at its first NUL,
 * so that one with a NUL is kept as bytes.
 */
export function textIn(text: string): string | Uint8Array {
  return text.includes("\0") ? encoder.encode(text) : text;
}

/** The same for what may be `null`. */
export function nullableTextIn(
  text: string | null,
): string | Uint8Array | null {
  return text === null ? null : textIn(text);
}

/** Whatever a text column holds, as a text. */
export function textOut(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return decoder.decode(value);
  return value === null ? "" : String(value);
}

/** The same for what may be `null`. */
export function nullableTextOut(value: unknown): string | null {
  return value === null ? null : textOut(value);
}

/** Whether an id would come back from the table as it went in. */
export function isKeepable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
