/**
 * The classes of errors that every process has.
 *
 * @module
 */

import { ERROR_CLASSES } from "../errors.ts";
import type { ErrorClass } from "../errors.ts";

const BUILT_IN: Readonly<Record<string, ErrorClass>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** What an error is made of again. */
export interface ErrorParts {
  /** Its name. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** The name of its class, where it is not the name of the error. */
  readonly type?: string | undefined;
  /** What an `AggregateError` holds. */
  readonly errors?: readonly unknown[] | undefined;
}

/**
 * Makes an error of a class that every process has: JavaScript's own and
 * Lovage's. `undefined` for the name of any other class.
 */
export function knownError(parts: ErrorParts): Error | undefined {
  const { name, message, type } = parts;
  if (type === "DOMException") return new DOMException(message, name);
  if (name === "AggregateError") {
    return new AggregateError(parts.errors ?? [], message);
  }
  for (const classes of [BUILT_IN, ERROR_CLASSES]) {
    const Known = Object.hasOwn(classes, name) ? classes[name] : undefined;
    if (Known !== undefined) return new Known(message);
  }
  return undefined;
}

/** The name of an error's class, where it is not the name of the error. */
export function typeOfError(error: object): string | undefined {
  const { constructor, name } = error as {
    constructor: unknown;
    name: unknown;
  };
  if (typeof constructor !== "function") return undefined;
  return constructor.name === name || constructor.name === ""
    ? undefined
    : constructor.name;
}

/** Sets a property as every error has it: not enumerable. */
export function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

/**
 * Gives an error back the properties that it had beside those of every error,
 * except what would change its class.
 */
export function setProps(error: Error, props: object): void {
  for (const [key, value] of Object.entries(props)) {
    if (key === "__proto__" || key === "constructor") continue;
    try {
      Object.assign(error, { [key]: value });
    } catch {
      // A property of this name cannot be set on this class.
    }
  }
}
