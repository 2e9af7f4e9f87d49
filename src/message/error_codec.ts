/**
 * The codec of errors: what a task threw, on its way to whoever waits for it.
 *
 * @module
 */

import { DecodeError, RemoteError } from "../errors.ts";
import { errorProps, kindOf } from "./json_check.ts";
import { hide, knownError, setProps, typeOfError } from "./known_errors.ts";

/** An error as JSON. */
export interface EncodedError {
  /** Its name: `TypeError`. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** Its stack where it was thrown. */
  readonly stack?: string | undefined;
  /** What caused it. */
  readonly cause?: EncodedError | undefined;
  /** What an `AggregateError` holds. */
  readonly errors?: readonly EncodedError[] | undefined;
  /** Its own properties, such as `code`, as far as they are plain JSON. */
  readonly props?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What was thrown, where the name does not say it: the class of an error
   * that bears another name (`DOMException`), or what was no error (`string`).
   */
  readonly type?: string | undefined;
}

// An error is a note for people: it must not outgrow the task it is about.
const MAX_MESSAGE = 10_000;
const MAX_STACK = 20_000;
const MAX_NAME = 200;
const MAX_PROPS = 10_000;
const MAX_ERRORS = 10;
const MAX_CAUSES = 5;
/** A little more than is written, for other writers. */
const MAX_DECODED_CAUSES = 20;

/**
 * Encodes whatever was thrown. Long texts are cut, causes end after 5 levels,
 * properties that are not plain JSON are left out. Never throws.
 */
export function encodeError(error: unknown): string {
  try {
    return JSON.stringify(toEncodedError(error));
  } catch {
    return JSON.stringify({
      name: "Error",
      message: `The ${typeof error} that was thrown cannot be read`,
    });
  }
}

/** The parts of whatever was thrown, as {@linkcode encodeError} bounds them. */
function toEncodedError(error: unknown): EncodedError {
  return describe(error, 0);
}

function describe(error: unknown, depth: number): EncodedError {
  return isErrorLike(error)
    ? describeError(error, depth)
    : describeOther(error);
}

/** Also errors of another realm, which are no instances of `Error` here. */
function isErrorLike(value: unknown): value is Error {
  if (value instanceof Error) return true;
  return typeof value === "object" && value !== null &&
    typeof attempt(() => (value as Error).message) === "string" &&
    typeof attempt(() => (value as Error).name) === "string";
}

function describeError(error: Error, depth: number): EncodedError {
  const name = textOf(() => error.name, MAX_NAME) || "Error";
  const cause = attempt(() => error.cause);
  const errors = attempt(() => (error as AggregateError).errors);
  const deeper = depth < MAX_CAUSES;
  return {
    name,
    message: textOf(() => error.message, MAX_MESSAGE) ?? "",
    stack: textOf(() => error.stack, MAX_STACK),
    cause: cause !== undefined && deeper
      ? describe(cause, depth + 1)
      : undefined,
    errors: error instanceof AggregateError && Array.isArray(errors) && deeper
      ? errors.slice(0, MAX_ERRORS).map((each) => describe(each, depth + 1))
      : undefined,
    props: propsOf(error),
    type: attempt(() => typeOfError(error)),
  };
}

/** The own properties that are plain JSON, up to a size. */
function propsOf(error: Error): Record<string, unknown> | undefined {
  const props: [string, unknown][] = [];
  let size = 0;
  for (const key of attempt(() => Object.keys(errorProps(error))) ?? []) {
    const value = attempt(() =>
      (error as unknown as Record<string, unknown>)[key]
    );
    if (key === "__proto__" || kindOf(value) !== "plain") continue;
    const text = attempt(() => JSON.stringify(value));
    if (text === undefined) continue;
    size += key.length + text.length;
    if (size > MAX_PROPS) break;
    props.push([key, JSON.parse(text)]);
  }
  return props.length === 0 ? undefined : Object.fromEntries(props);
}

/** For what is no error: `throw "no"`. */
function describeOther(value: unknown): EncodedError {
  if (typeof value === "string") {
    return { name: "Error", message: cut(value, MAX_MESSAGE), type: "string" };
  }
  const type = value === null
    ? "null"
    : typeof value === "object"
    ? attempt(() => value.constructor.name) || "object"
    : typeof value;
  const text = attempt(() => JSON.stringify(value)) ??
    attempt(() => String(value)) ?? "it cannot be read";
  return {
    name: "Error",
    message: cut(`Thrown, but no error: ${text}`, MAX_MESSAGE),
    type: cut(String(type), MAX_NAME),
  };
}

/** Calls a function that may meet hostile getters. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function textOf(read: () => unknown, limit: number): string | undefined {
  const value = attempt(read);
  if (value === undefined) return undefined;
  const text = attempt(() => String(value));
  return text === undefined ? undefined : cut(text, limit);
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const left = text.length - limit;
  return `${text.slice(0, limit).toWellFormed()}… (${left} more characters)`;
}

/**
 * Gives an error back: of its own class, if that is JavaScript's or Lovage's,
 * otherwise a {@linkcode RemoteError} that bears its name. The `cause` is the
 * error as it was there, with the stack it had there and the cause it had.
 * Text that is no error comes back as a {@linkcode DecodeError}. Never throws.
 */
export function decodeError(text: string): Error {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return unreadable(text, cause);
  }
  return isEncodedError(value) ? revive(value, 0) : unreadable(text);
}

/** The stack of an error where it was thrown. */
export function remoteStack(error: Error | undefined): string | undefined {
  const cause = error?.cause;
  return cause instanceof Error ? cause.stack : error?.stack;
}

function unreadable(text: string, cause?: unknown): DecodeError {
  return new DecodeError(
    `The error of the task cannot be read: ${cut(String(text), 200)}`,
    cause === undefined ? {} : { cause },
  );
}

function isEncodedError(value: unknown): value is EncodedError {
  return typeof value === "object" && value !== null &&
    typeof (value as EncodedError).name === "string" &&
    typeof (value as EncodedError).message === "string";
}

function revive(encoded: EncodedError, depth: number): Error {
  const error = build(encoded, depth);
  const { stack, cause } = encoded;
  if (typeof stack === "string") {
    const remote = new Error(encoded.message);
    hide(remote, "name", encoded.name);
    hide(remote, "stack", stack);
    setCause(remote, cause, depth);
    hide(error, "cause", remote);
  } else {
    setCause(error, cause, depth);
  }
  return error;
}

function build(encoded: EncodedError, depth: number): Error {
  const { name, message, type } = encoded;
  const errors = Array.isArray(encoded.errors)
    ? encoded.errors.filter(isEncodedError)
      .map((each) => revive(each, depth + 1))
    : [];
  const error = knownError({ name, message, type, errors }) ??
    new RemoteError(message, {}, name);
  setProps(error, encoded.props ?? {});
  return error;
}

function setCause(error: Error, cause: unknown, depth: number): void {
  if (depth >= MAX_DECODED_CAUSES || !isEncodedError(cause)) return;
  hide(error, "cause", revive(cause, depth + 1));
}
