/**
 * From values to the texts that PostgreSQL reads, and back.
 *
 * Every column of a batch travels as one parameter. Numbers are an array
 * literal, written here and not by the driver, which would ask the server for
 * its array types first. Texts are one text that the server splits: it does
 * that several times faster than it reads an array, and nothing is escaped.
 *
 * @module
 */

/** Marks a text that was encoded, as it could not be kept as it is. */
const MARK = "\u0001";
/** Between the texts of a list. */
const SEPARATOR = "\u001f";
/** What stands for `null` in a list: no text is kept as the mark alone. */
const NONE = MARK;

/**
 * A text as PostgreSQL keeps it unchanged: it refuses NUL, and half a
 * surrogate pair would become another character. Such a text, and one with
 * what separates texts in a list, is kept as JSON behind a mark, so that it
 * spoils no batch for others.
 */
export function textIn(text: string): string {
  if (
    text.isWellFormed() && !text.includes("\0") &&
    !text.includes(SEPARATOR) && !text.startsWith(MARK)
  ) return text;
  return MARK + JSON.stringify(text).replaceAll("\0", "\\u0000");
}

/** The same for what may be `null`. */
export function nullableTextIn(text: string | null): string | null {
  return text === null ? null : textIn(text);
}

/** The text that {@linkcode textIn} was given. */
export function textOut(value: unknown): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  if (!value.startsWith(MARK)) return value;
  try {
    const text: unknown = JSON.parse(value.slice(1));
    return typeof text === "string" ? text : value;
  } catch {
    // Put in by hand.
    return value;
  }
}

/** The same for what may be `null`. */
export function nullableTextOut(value: unknown): string | null {
  return value === null || value === undefined ? null : textOut(value);
}

/**
 * Texts as one, which {@linkcode textsIn} splits. Each goes through
 * {@linkcode textIn}.
 */
export function textList(texts: readonly (string | null)[]): string {
  // Nothing at all would be an empty list.
  if (texts.length === 1 && texts[0] === "") return `${MARK}""`;
  return texts.map((text) => text === null ? NONE : textIn(text))
    .join(SEPARATOR);
}

/** The `text[]` in a parameter that {@linkcode textList} made. */
export function textsIn(param: string): string {
  return `string_to_array(${param}::text, E'\\x1f', E'\\x01')`;
}

const SPECIAL = /["\\]/;
const EVERY_SPECIAL = /["\\]/g;

/** The literal of a `text[]`. Each text goes through {@linkcode textIn}. */
export function textArray(texts: readonly (string | null)[]): string {
  let literal = "{";
  for (let at = 0; at < texts.length; at++) {
    if (at > 0) literal += ",";
    const text = texts[at];
    if (text === null || text === undefined) {
      literal += "NULL";
      continue;
    }
    const kept = textIn(text);
    literal += SPECIAL.test(kept)
      ? `"${kept.replace(EVERY_SPECIAL, "\\$&")}"`
      : `"${kept}"`;
  }
  return literal + "}";
}

/**
 * The same of names that are kept as they are, so that they sort by their code
 * points. Without NUL or half a surrogate pair.
 */
export function nameArray(names: readonly string[]): string {
  const quoted = names.map((name) => name.replace(EVERY_SPECIAL, "\\$&"));
  return quoted.length === 0 ? "{}" : `{"${quoted.join('","')}"}`;
}

/** The literal of an array of whole numbers. */
export function numberArray(numbers: readonly (number | null)[]): string {
  let literal = "{";
  for (let at = 0; at < numbers.length; at++) {
    if (at > 0) literal += ",";
    const number = numbers[at];
    literal += number === null || number === undefined ? "NULL" : whole(number);
  }
  return literal + "}";
}

/** A number as a `bigint` can hold it, also one that is off the scale. */
export function whole(number: number): string {
  if (Number.isSafeInteger(number)) return String(number);
  if (Number.isNaN(number)) return "0";
  const bounded = Math.max(-9e18, Math.min(9e18, Math.trunc(number)));
  return BigInt(bounded).toString();
}

/** A name as SQL takes it, whatever it holds. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL takes it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The condition that a key of a large table is that of a row at hand, in
 * words that leave one plan only: to look it up for each row. With a plain
 * `=`, a planner that takes the large table for empty, as it was when the
 * plan was made, reads it from end to end and compares.
 */
export function matches(key: string, value: string): string {
  return `${key} = any (array[${value}])`;
}
