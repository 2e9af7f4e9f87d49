/**
 * The values beside JSON that travel, by superjson.
 *
 * Three things differ from superjson's defaults. Errors travel whole: class
 * (where every process has it), stack, cause and own properties. References
 * are not restored: a value that occurs twice comes back as two equal ones,
 * just as in plain JSON; superjson's way of joining them again loses entries
 * of sets and maps. And nothing that an application registers with superjson
 * counts here: it would have to be registered by every reader.
 *
 * @module
 */

import { SuperJSON } from "superjson";
import { errorProps, MAX_DEPTH } from "./json_check.ts";
import { hide, knownError, setProps, typeOfError } from "./known_errors.ts";

/** What superjson notes about values that JSON does not have. Opaque. */
export type RichMeta = Readonly<Record<string, unknown>>;

/** A value as JSON and what superjson notes about it. */
export interface RichJson {
  /** The value as JSON. */
  readonly json: unknown;
  /** What JSON does not say. */
  readonly meta: RichMeta;
}

/** An error as superjson sees it. */
type ErrorJson = {
  name: string;
  message: string;
  stack?: string;
  type?: string;
  cause?: unknown;
  errors?: unknown[];
  props?: Record<string, unknown>;
};

const superjson = new SuperJSON();

superjson.registerCustom<Error, never>({
  isApplicable: (value): value is Error => value instanceof Error,
  // What this returns is walked by superjson, so it may hold rich values.
  serialize: (error) => errorToJson(error) as never,
  deserialize: (json) => errorFromJson(json as ErrorJson),
}, "Error");

function errorToJson(error: Error): ErrorJson {
  const json: ErrorJson = {
    name: String(error.name),
    message: String(error.message),
  };
  const type = typeOfError(error);
  if (type !== undefined) json.type = type;
  if (typeof error.stack === "string") json.stack = error.stack;
  if (Object.hasOwn(error, "cause")) json.cause = error.cause;
  if (error instanceof AggregateError) json.errors = error.errors;
  const props = errorProps(error);
  if (Object.keys(props).length > 0) json.props = props;
  return json;
}

function errorFromJson(json: ErrorJson): Error {
  let error = knownError(json);
  if (error === undefined) {
    error = new Error(json.message);
    hide(error, "name", json.name);
  }
  hide(error, "stack", json.stack);
  if (Object.hasOwn(json, "cause")) hide(error, "cause", json.cause);
  setProps(error, json.props ?? {});
  return error;
}

/** Turns a value of the kind `rich` into JSON. */
export function toRichJson(value: unknown): RichJson {
  const { json, meta } = superjson.serialize(value);
  return { json, meta: { values: meta?.values ?? {}, v: 1 } };
}

/**
 * Turns JSON back into the value. Changes `json` in place; throws when the
 * notes do not fit it.
 */
export function fromRichJson({ json, meta }: RichJson): unknown {
  const { values } = meta;
  if (!isNotes(values, 0)) throw new Error("the notes about it are damaged");
  return superjson.deserialize(
    { json: json as never, meta: { values: values as never, v: 1 } },
    { inPlace: true },
  );
}

/** The kinds of values that {@linkcode toRichJson} notes. */
const KINDS: ReadonlySet<unknown> = new Set([
  "undefined",
  "number",
  "bigint",
  "Date",
  "regexp",
  "URL",
  "set",
  "map",
]);

/**
 * Whether superjson can follow these notes: `[kind, notes?]`, or notes by
 * path. It does not look itself, and some damage keeps it busy for long.
 */
function isNotes(notes: unknown, depth: number): boolean {
  if (typeof notes !== "object" || notes === null) return false;
  if (depth > MAX_DEPTH) return false;
  if (!Array.isArray(notes)) {
    return Object.values(notes).every((each) => isNotes(each, depth + 1));
  }
  const [kind, inner, ...further] = notes;
  return isKind(kind) && further.length === 0 &&
    (inner === undefined ||
      (!Array.isArray(inner) && isNotes(inner, depth + 1)));
}

function isKind(kind: unknown): boolean {
  return Array.isArray(kind)
    ? kind.length === 2 && kind[0] === "custom" && kind[1] === "Error"
    : KINDS.has(kind);
}
