/**
 * What is wrong with a value that does not travel: the slow walk, taken once
 * the fast one has refused.
 *
 * @module
 */

import { EncodeError } from "../errors.ts";
import {
  errorProps,
  isDense,
  isPlainNumber,
  kindOf,
  MAX_DEPTH,
} from "./json_check.ts";

/** What the walk knows on its way. */
interface Walk {
  /** Whether values that travel by superjson are refused too. */
  readonly plainOnly: boolean;
  /** Whether keys that superjson does not take are refused. */
  readonly reserved: boolean;
  /** The objects above the current one and where they are. */
  readonly above: Map<object, string>;
}

/** A part of a value and its path. */
type Part = [part: unknown, path: string];

/** What to do instead, by the name of a class. */
const ADVICE: Readonly<Record<string, string>> = {
  Promise: "await it first",
  Date: "this one is invalid",
  ArrayBuffer: "pass base64 text",
  DataView: "pass base64 text",
  Blob: "pass base64 text or a URL",
  File: "pass base64 text or a URL",
  Request: "pass its URL and text",
  Response: "pass its text",
  Number: "pass the number itself",
  String: "pass the string itself",
  Boolean: "pass the boolean itself",
  WeakMap: "pass a Map",
  WeakSet: "pass a Set",
};

/**
 * Finds the first thing that does not travel in refused values, and says what
 * it is, where it is and what to do.
 *
 * @param values the values by their paths: `{ result: value }`
 */
export function refusal(
  values: Readonly<Record<string, unknown>>,
): EncodeError {
  return find(values, false) ?? new EncodeError(
    `${Object.keys(values)[0]}: this value changes while it is read`,
  );
}

/**
 * Refuses what is not plain JSON.
 *
 * @param path where the value is: `headers`
 * @throws {EncodeError}
 */
export function assertPlain(value: unknown, path: string): void {
  if (kindOf(value) === "plain") return;
  const values = { [path]: value };
  throw find(values, true) ?? refusal(values);
}

function find(
  values: Readonly<Record<string, unknown>>,
  plainOnly: boolean,
): EncodeError | undefined {
  try {
    // Keys that only superjson refuses are the trouble if nothing else is.
    for (const reserved of plainOnly ? [false] : [false, true]) {
      for (const [path, value] of Object.entries(values)) {
        look(value, path, { plainOnly, reserved, above: new Map() });
      }
    }
    return undefined;
  } catch (error) {
    return error as EncodeError;
  }
}

function unreadable(path: string, cause: unknown): EncodeError {
  return new EncodeError(`${path}: this value throws when it is read`, {
    cause,
  });
}

/** Throws an `EncodeError` at the first trouble. */
function look(value: unknown, path: string, walk: Walk): void {
  try {
    const trouble = troubleOf(value, walk);
    if (trouble !== undefined) throw new EncodeError(`${path}: ${trouble}`);
    if (typeof value === "object" && value !== null) {
      lookInto(value, path, walk);
    }
  } catch (error) {
    throw error instanceof EncodeError ? error : unreadable(path, error);
  }
}

function lookInto(value: object, path: string, walk: Walk): void {
  if (walk.above.size === MAX_DEPTH) {
    // The path is as long as the nesting is deep.
    const start = path.length > 60 ? `${path.slice(0, 60)}…` : path;
    throw new EncodeError(
      `${start}: nested deeper than ${MAX_DEPTH} levels; pass an id`,
    );
  }
  walk.above.set(value, path);
  for (const [part, partPath] of parts(value, path, walk)) {
    look(part, partPath, walk);
  }
  walk.above.delete(value);
}

function troubleOf(value: unknown, walk: Walk): string | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "function":
      return "functions do not serialize; pass data";
    case "symbol":
      return "symbols do not serialize; pass a string";
    case "number":
      if (!walk.plainOnly || isPlainNumber(value)) return undefined;
      return `${Object.is(value, -0) ? "-0" : value} is not plain JSON`;
    case "undefined":
    case "bigint":
      return walk.plainOnly ? `${typeof value} is not plain JSON` : undefined;
    case "object":
      return value === null ? undefined : troubleOfObject(value, walk);
  }
}

function troubleOfObject(value: object, walk: Walk): string | undefined {
  const above = walk.above.get(value);
  if (above !== undefined) {
    return `this is ${above} again, and a value that contains itself does ` +
      "not serialize; pass an id";
  }
  if (Array.isArray(value)) return troubleOfArray(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.getOwnPropertySymbols(value).length === 0
      ? undefined
      : "symbol keys do not serialize; use strings";
  }
  const name = className(prototype);
  if (walk.plainOnly) return `${name} instances are not plain JSON`;
  if (value instanceof Error || kindOf(shallow(value, prototype)) === "rich") {
    return undefined;
  }
  return `${name} instances do not serialize; ${adviceFor(value, name)}`;
}

function troubleOfArray(array: readonly unknown[]): string | undefined {
  const prototype = Object.getPrototypeOf(array);
  if (prototype !== Array.prototype) {
    return `${className(prototype)} instances do not serialize; pass an array`;
  }
  if (isDense(array)) return undefined;
  return Object.keys(array).length < array.length
    ? "arrays with holes do not serialize; pass null in their place"
    : "arrays with further properties do not serialize; pass an object";
}

/** The same kind of value without what it contains. */
function shallow(value: object, prototype: object): object {
  if (prototype === Map.prototype && isBare(value)) return new Map();
  if (prototype === Set.prototype && isBare(value)) return new Set();
  return value;
}

function isBare(value: object): boolean {
  return Object.keys(value).length === 0;
}

function adviceFor(value: object, name: string): string {
  if (Object.keys(value).length > 0 && /^(Date|Map|Set)$/.test(name)) {
    return "not with further properties";
  }
  if (ArrayBuffer.isView(value)) return "pass base64 text or an array";
  return Object.hasOwn(ADVICE, name) ? ADVICE[name] as string : "pass an id";
}

function className(prototype: object): string {
  const { constructor } = prototype;
  return (typeof constructor === "function" && constructor.name) || "Class";
}

/** The parts of a value, each with its path. */
function* parts(value: object, path: string, walk: Walk): Generator<Part> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield [item, `${path}[${index}]`];
    }
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield [key, `${path}.keys()`];
      const shown = typeof key === "string" ? JSON.stringify(key) : "…";
      yield [item, `${path}.get(${shown})`];
    }
  } else if (value instanceof Set) {
    for (const item of value) yield [item, `${path}.values()`];
  } else if (value instanceof Error) {
    if (Object.hasOwn(value, "cause")) yield [value.cause, `${path}.cause`];
    if (value instanceof AggregateError) {
      yield [value.errors, `${path}.errors`];
    }
    yield* members(errorProps(value), path, walk);
  } else {
    yield* members(value, path, walk);
  }
}

function* members(value: object, path: string, walk: Walk): Generator<Part> {
  for (const key of Object.keys(value)) {
    const partPath = path + stepTo(key);
    if (isForbidden(key, walk)) {
      throw new EncodeError(
        `${partPath}: the key ${key} does not serialize; rename it`,
      );
    }
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property?.get || property?.set) {
      throw new EncodeError(
        `${partPath}: accessors do not serialize; pass the value`,
      );
    }
    yield [property?.value, partPath];
  }
}

function isForbidden(key: string, walk: Walk): boolean {
  if (key === "__proto__") return true;
  return walk.reserved && (key === "constructor" || key === "prototype");
}

function stepTo(key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
