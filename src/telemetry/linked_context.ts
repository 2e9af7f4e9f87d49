/**
 * Contexts that cost little to extend.
 *
 * @module
 */

import { type Context, ROOT_CONTEXT } from "@opentelemetry/api";

/**
 * What one context says, and one value more. That of OpenTelemetry's API
 * copies all values for each that is set, which is a tenth of a traced run.
 */
class LinkedContext implements Context {
  readonly #outer: Context;
  readonly #key: symbol;
  readonly #value: unknown;

  constructor(outer: Context, key: symbol, value: unknown) {
    this.#outer = outer;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new LinkedContext(this, key, undefined);
  }
}

/** An empty context, to extend. */
export const LINKED_ROOT: Context = new LinkedContext(
  ROOT_CONTEXT,
  Symbol("nothing"),
  undefined,
);
