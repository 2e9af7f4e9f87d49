/**
 * Which values JSON carries unchanged, which travel by superjson, and which
 * not at all. This is the fast walk that every payload takes; what is wrong
 * with a refused one is found by `json_refusal.ts`.
 *
 * @module
 */

/** How a value travels: as JSON, by superjson, or not at all. */
export type JsonKind = "plain" | "rich" | "refused";

/** The deepest nesting of a payload. */
export const MAX_DEPTH = 500;

/** What the fast walk found; a union of bits. */
const PLAIN = 0;
const RICH = 1;
/** It has a key that superjson refuses. */
const RESERVED = 2;
const REFUSED = 4;

/** Members of errors that travel by themselves, not as further properties. */
const ERROR_MEMBERS: ReadonlySet<string> = new Set([
  "name",
  "message",
  "stack",
  "cause",
  "errors",
]);

/**
 * Tells how a value travels, or two that travel together. Never throws.
 */
export function kindOf(value: unknown, other: unknown = null): JsonKind {
  let found: number;
  try {
    found = walk(value, 0) | walk(other, 0);
  } catch {
    // A proxy or a getter of an error threw.
    return "refused";
  }
  if (found === PLAIN || found === RESERVED) return "plain";
  return found === RICH ? "rich" : "refused";
}

function walk(value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
    case "boolean":
      return PLAIN;
    case "number":
      return isPlainNumber(value) ? PLAIN : RICH;
    case "undefined":
    case "bigint":
      return RICH;
    case "object":
      if (value === null) return PLAIN;
      if (depth === MAX_DEPTH) return REFUSED;
      if (Array.isArray(value)) return walkArray(value, depth + 1);
      return walkObject(value, depth + 1);
    default:
      return REFUSED;
  }
}

/** Whether JSON has a number for this one. */
export function isPlainNumber(value: number): boolean {
  return Number.isFinite(value) && (value !== 0 || 1 / value > 0);
}

function walkArray(array: readonly unknown[], depth: number): number {
  if (!isDense(array)) return REFUSED;
  if (Object.getPrototypeOf(array) !== Array.prototype) return REFUSED;
  return walkItems(array, depth);
}

/** Whether an array has all its items and no other members. */
export function isDense(array: readonly unknown[]): boolean {
  const keys = Object.keys(array);
  const { length } = array;
  // Indices come first and ascend: if the last key is the last index and
  // there are as many as items, there is neither a hole nor a further key.
  return keys.length === length &&
    (length === 0 || keys[length - 1] === String(length - 1)) &&
    Object.getOwnPropertySymbols(array).length === 0;
}

function walkItems(items: Iterable<unknown>, depth: number): number {
  let found = PLAIN;
  for (const item of items) {
    found |= walk(item, depth);
    if (found >= REFUSED) return REFUSED;
  }
  return found;
}

function walkObject(value: object, depth: number): number {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return walkMembers(value, depth);
  }
  return RICH | walkRich(value, prototype, depth);
}

function walkMembers(value: object, depth: number): number {
  if (Object.getOwnPropertySymbols(value).length > 0) return REFUSED;
  let found = PLAIN;
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return REFUSED;
    if (key === "constructor" || key === "prototype") found |= RESERVED;
    const property = Object.getOwnPropertyDescriptor(value, key);
    // An accessor may say one thing to this walk and another to the encoder.
    if (property === undefined || property.get || property.set) return REFUSED;
    found |= walk(property.value, depth);
    if (found >= REFUSED) return REFUSED;
  }
  return found;
}

function walkRich(value: object, prototype: object, depth: number): number {
  if (value instanceof Error) return walkError(value, depth);
  if (!isBare(value, prototype)) return REFUSED;
  switch (prototype) {
    case Date.prototype:
      return Number.isNaN((value as Date).getTime()) ? REFUSED : PLAIN;
    case RegExp.prototype:
    case URL.prototype:
      return PLAIN;
    case Set.prototype:
      return walkItems(value as Set<unknown>, depth);
    case Map.prototype:
      return walkItems((value as Map<unknown, unknown>).keys(), depth) |
        walkItems((value as Map<unknown, unknown>).values(), depth);
    default:
      return REFUSED;
  }
}

/** Whether an object of a built-in class has no properties of its own. */
function isBare(value: object, prototype: object): boolean {
  return Object.keys(value).length === 0 &&
    // Some runtimes keep the state of a URL under symbols.
    (prototype === URL.prototype ||
      Object.getOwnPropertySymbols(value).length === 0);
}

function walkError(error: Error, depth: number): number {
  let found = walkMembers(errorProps(error), depth);
  if (Object.hasOwn(error, "cause")) found |= walk(error.cause, depth);
  if (error instanceof AggregateError) found |= walk(error.errors, depth);
  return found;
}

/**
 * The properties that an error has beside those of every error, as a plain
 * object; accessors are read.
 */
export function errorProps(error: object): Record<string, unknown> {
  const props: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (ERROR_MEMBERS.has(key)) continue;
    // Assigning to `__proto__` would set the prototype.
    Object.defineProperty(props, key, {
      value: (error as Record<string, unknown>)[key],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return props;
}
