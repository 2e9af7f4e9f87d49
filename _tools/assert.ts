/**
 * The assertions that the tests use: the names and signatures of `@std/assert`
 * over `node:assert/strict`, so that a checkout is tested with npm alone.
 *
 * @module
 */

import nodeAssert, { AssertionError } from "node:assert/strict";
import { inspect } from "node:util";

export { AssertionError };

// deno-lint-ignore no-explicit-any -- what `instanceof` accepts
type ClassOf<T> = abstract new (...args: any[]) => T;

function explain(message: string | undefined, text: string): string {
  return message === undefined ? text : `${text}: ${message}`;
}

/** Fails. */
export function fail(message?: string): never {
  throw new AssertionError({
    message: explain(message, "Failed assertion"),
    stackStartFn: fail,
  });
}

function failAbout(text: string, message: string | undefined): never {
  throw new AssertionError({
    message: explain(message, text),
    stackStartFn: failAbout,
  });
}

/** The condition is truthy. */
export function assert(condition: unknown, message = ""): asserts condition {
  if (!condition) {
    throw new AssertionError({
      message: message || "Expected a truthy value",
      actual: condition,
      expected: true,
      operator: "==",
      stackStartFn: assert,
    });
  }
}

/** Both are deeply equal; prototypes and `-0` count. */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

/** They are not deeply equal. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notDeepStrictEqual(actual, expected, message);
}

/** Both are the same value (`Object.is`). */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** They are not the same value (`Object.is`). */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notStrictEqual(actual, expected, message);
}

/** It is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  message?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    failAbout(`Expected a value, found ${actual}`, message);
  }
}

/** It is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: ClassOf<T>,
  message?: string,
): asserts actual is T {
  if (!(actual instanceof expectedType)) {
    failAbout(
      `Expected an instance of ${expectedType.name}, found ${inspect(actual)}`,
      message,
    );
  }
}

/** The text contains the other. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  if (!actual.includes(expected)) {
    failAbout(
      `Expected ${JSON.stringify(actual)} to contain ${
        JSON.stringify(expected)
      }`,
      message,
    );
  }
}

/** The array contains each of the expected items (deep equality). */
export function assertArrayIncludes<T>(
  actual: readonly T[],
  expected: readonly T[],
  message?: string,
): void {
  for (const item of expected) {
    if (!actual.some((other) => equal(other, item))) {
      failAbout(
        `Expected ${inspect(actual)} to contain ${inspect(item)}`,
        message,
      );
    }
  }
}

/** The text matches. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.match(actual, expected, message);
}

/** The text does not match. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  nodeAssert.doesNotMatch(actual, expected, message);
}

/** `actual > expected`. */
export function assertGreater<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (!(actual > expected)) {
    failAbout(
      `Expected ${inspect(actual)} > ${inspect(expected)}`,
      message,
    );
  }
}

/** `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (!(actual >= expected)) {
    failAbout(
      `Expected ${inspect(actual)} >= ${inspect(expected)}`,
      message,
    );
  }
}

/** `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  if (!(actual < expected)) {
    failAbout(
      `Expected ${inspect(actual)} < ${inspect(expected)}`,
      message,
    );
  }
}

/** `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (!(actual <= expected)) {
    failAbout(
      `Expected ${inspect(actual)} <= ${inspect(expected)}`,
      message,
    );
  }
}

/** Every member of `expected` is in `actual`, at any depth. */
export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any -- as in std: any object, also interfaces
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(pick(actual, expected), expected, message);
}

/** What `actual` has of the members that `expected` names. */
function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length) return actual;
    return expected.map((item, index) => pick(actual[index], item));
  }
  if (!isObject(actual) || !isPlain(expected)) return actual;
  const picked: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(expected)) {
    if (key in actual) picked[key] = pick(actual[key], expected[key]);
  }
  return picked;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

function isPlain(value: unknown): value is Record<PropertyKey, unknown> {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype;
}

function equal(left: unknown, right: unknown): boolean {
  try {
    nodeAssert.deepStrictEqual(left, right);
    return true;
  } catch {
    return false;
  }
}

/** The function throws; whatever it is comes back. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
/** The function throws an error of this class; it comes back. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ClassOf<E>,
  messageIncludes?: string,
  message?: string,
): E;
/** The implementation. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  classOrMessage?: ClassOf<E> | string,
  messageIncludes?: string,
  message?: string,
): unknown {
  const [ErrorClass, note] = typeof classOrMessage === "string"
    ? [undefined, classOrMessage]
    : [classOrMessage, message];
  let returned: unknown;
  try {
    returned = fn();
  } catch (error) {
    return checkError(error, ErrorClass, messageIncludes, note);
  }
  failAbout(
    `Expected the function to throw, it returned ${inspect(returned)}`,
    note,
  );
}

/** The promise is rejected; whatever it is comes back. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
/** The promise is rejected with an error of this class; it comes back. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ClassOf<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
/** The implementation. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  classOrMessage?: ClassOf<E> | string,
  messageIncludes?: string,
  message?: string,
): Promise<unknown> {
  const [ErrorClass, note] = typeof classOrMessage === "string"
    ? [undefined, classOrMessage]
    : [classOrMessage, message];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    failAbout(
      `Expected a rejected promise, the function threw ${inspect(error)}`,
      note,
    );
  }
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return checkError(error, ErrorClass, messageIncludes, note);
  }
  failAbout(
    `Expected the promise to be rejected, it resolved to ${inspect(value)}`,
    note,
  );
}

function checkError<E extends Error>(
  error: unknown,
  ErrorClass: ClassOf<E> | undefined,
  messageIncludes: string | undefined,
  note: string | undefined,
): unknown {
  if (ErrorClass === undefined) return error;
  if (!(error instanceof ErrorClass)) {
    failAbout(
      `Expected an error of class ${ErrorClass.name}, found ${inspect(error)}`,
      note,
    );
  }
  if (messageIncludes !== undefined) {
    assertStringIncludes(error.message, messageIncludes, note);
  }
  return error;
}
