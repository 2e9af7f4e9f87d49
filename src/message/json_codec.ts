/**
 * The codec of payloads. Plain JSON stays plain JSON; `undefined`, `NaN`, the
 * infinities, `-0`, `bigint`, `Date`, `RegExp`, `URL`, `Map`, `Set` and
 * errors travel by superjson; anything else is refused, never changed.
 *
 * What comes back is equal to what was sent, not the same: a value that
 * occurs twice comes back twice, an object without a prototype as a plain
 * one, a regular expression with `lastIndex` 0.
 *
 * @module
 */

import { DecodeError, EncodeError } from "../errors.ts";
import { kindOf } from "./json_check.ts";
import { refusal } from "./json_refusal.ts";
import { fromRichJson, toRichJson } from "./rich_values.ts";
import type { RichJson, RichMeta } from "./rich_values.ts";

export type { RichMeta };

/** The arguments of a call as JSON, ready to be part of a larger text. */
export interface EncodedArgs {
  /** Positional arguments. */
  readonly args: readonly unknown[];
  /** Keyword arguments, which arrive as one trailing object. */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** What JSON does not say about them; absent when they are plain. */
  readonly meta?: RichMeta | undefined;
}

/** The arguments of a call as they were given. */
export interface DecodedArgs {
  /** Positional arguments. */
  readonly args: unknown[];
  /** Keyword arguments. */
  readonly kwargs?: Record<string, unknown> | undefined;
}

/** Begins the text of a rich value; no JSON text begins with it. */
const MARK = "~";

// Most tasks return nothing: they need not trouble superjson.
const UNDEFINED_TEXT =
  `${MARK}{"json":null,"meta":{"values":["undefined"],"v":1}}`;

/**
 * Encodes one value, such as a result, as text of its own.
 *
 * @param path what the value is, for the error: `result`
 * @throws {EncodeError} naming the part that does not travel
 */
export function encode(value: unknown, path: string): string {
  if (value === undefined) return UNDEFINED_TEXT;
  switch (kindOf(value)) {
    case "plain":
      return stringify(value, path);
    case "rich":
      return MARK + stringify(enrich(value, path), path);
    case "refused":
      throw refusal({ [path]: value });
  }
}

/**
 * Decodes what {@linkcode encode} made.
 *
 * @throws {DecodeError} when the text is anything else
 */
export function decode(text: string): unknown {
  if (text === UNDEFINED_TEXT) return undefined;
  try {
    return text.startsWith(MARK)
      ? fromRichJson(JSON.parse(text.slice(MARK.length)))
      : JSON.parse(text);
  } catch (cause) {
    throw new DecodeError(
      `An encoded value cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Encodes the arguments of a call as JSON values. Plain arguments are
 * returned as they are: put them into text before they can change.
 *
 * @throws {EncodeError} naming the part that does not travel: `args[0].user`
 */
export function encodeArgs(
  args: readonly unknown[],
  kwargs?: Readonly<Record<string, unknown>>,
): EncodedArgs {
  const call = kwargs === undefined ? { args } : { args, kwargs };
  switch (kindOf(args, kwargs)) {
    case "plain":
      return call;
    case "rich": {
      const { json, meta } = enrich(call, "args");
      return { ...json as typeof call, meta };
    }
    case "refused":
      throw refusal(call);
  }
}

/**
 * Gives the arguments back as they were. The call itself stays as it is and
 * can be sent on.
 *
 * @throws {DecodeError} when its notes do not fit its arguments
 */
export function decodeCall(call: EncodedArgs): DecodedArgs {
  const { args, kwargs, meta } = call;
  const json = kwargs === undefined ? { args } : { args, kwargs };
  if (meta === undefined) return json as DecodedArgs;
  try {
    const decoded = fromRichJson({ json: structuredClone(json), meta });
    if (isDecodedArgs(decoded)) return decoded;
  } catch (cause) {
    throw new DecodeError(
      `The arguments cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  throw new DecodeError("The arguments cannot be read: they are no list");
}

function isDecodedArgs(value: unknown): value is DecodedArgs {
  return typeof value === "object" && value !== null &&
    Array.isArray((value as DecodedArgs).args);
}

function enrich(value: unknown, path: string): RichJson {
  try {
    return toRichJson(value);
  } catch (cause) {
    throw new EncodeError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function stringify(value: unknown, path: string): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new EncodeError(`${path}: ${(cause as Error).message}`, { cause });
  }
}
