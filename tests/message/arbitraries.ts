/**
 * Values for property tests.
 *
 * @module
 */

import fc from "fast-check";
import { EncodeError, TimeoutError } from "../../src/errors.ts";

/** How often a property is tried. */
export const RUNS = 300;

// `constructor` and `prototype` are for plain values only, `__proto__` for
// none: they have tests of their own. So have `a\.b` and `a\`: once V8 15.0
// has read the key `a\\.`, which is how superjson notes what is in `a\`, it
// takes `a\.b`, its note of `a.b`, for the same (nodejs/node#63785).
const key = fc.oneof(
  fc.constantFrom("a", "a.b", "", "0", "toString", "ключ"),
  fc.string({ unit: "binary" }),
).filter((text) => !/^(__proto__|constructor|prototype)$/.test(text));

const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Object.is(value, -0));

const leaf = fc.oneof(
  fc.string({ unit: "binary" }),
  number,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);

function tree(
  leaves: fc.Arbitrary<unknown>,
  nodes: (node: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>[],
): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => {
    const node = tie("node");
    return {
      node: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        leaves,
        fc.array(node, { maxLength: 4 }),
        fc.dictionary(key, node, { maxKeys: 4, noNullPrototype: true }),
        ...nodes(node),
      ),
    };
  })["node"];
}

/** Plain JSON. */
export const plain: fc.Arbitrary<unknown> = tree(leaf, () => []);

const richLeaf = fc.oneof(
  leaf,
  fc.constantFrom(undefined, NaN, Infinity, -Infinity, -0),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(/a/, /a\/b[/]\n/giu, new RegExp(""), new RegExp("/\n")),
  fc.webUrl({ withQueryParameters: true }).map((text) => new URL(text)),
);

class CustomError extends Error {
  override readonly name = "CustomError";
}

function errors(node: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.record({
    Class: fc.constantFrom(Error, TypeError, RangeError, SyntaxError),
    message: fc.string(),
    cause: fc.option(fc.record({ cause: node })),
    code: fc.option(node),
  }).map(({ Class, message, cause, code }) => {
    const error = new Class(message, cause ?? {});
    return code === null ? error : Object.assign(error, { code });
  });
}

/** Everything that travels. */
export const rich: fc.Arbitrary<unknown> = tree(richLeaf, (node) => [
  fc.array(fc.tuple(node, node), { maxLength: 4 })
    .map((entries) => new Map(entries)),
  fc.array(node, { maxLength: 4 }).map((items) => new Set(items)),
  errors(node),
]);

/** Errors of classes that every process has. */
export const knownErrors: readonly Error[] = [
  new TypeError("t"),
  new URIError("u", { cause: "why" }),
  new EncodeError("e"),
  new TimeoutError("o"),
];

/** An error of a class of its own. */
export const customError: Error = new CustomError("mine");

/** Makers of values that do not travel. */
export const refused: Readonly<Record<string, () => unknown>> = {
  function: () => () => 1,
  class: () => CustomError,
  symbol: () => Symbol("s"),
  "class instance": () => new (class User {})(),
  "map of a subclass": () => new (class Own extends Map {})(),
  "date of a subclass": () => new (class Own extends Date {})(),
  "array of a subclass": () => class extends Array {}.from([1]),
  "typed array": () => new Uint8Array(2),
  buffer: () => new ArrayBuffer(2),
  promise: () => Promise.resolve(1),
  "weak map": () => new WeakMap(),
  boxed: () => Object(1),
  generator: () => [].values(),
  "invalid date": () => new Date(NaN),
  "map with a property": () => Object.assign(new Map(), { a: 1 }),
  hole: () => Object.assign(new Array(3), { 0: 1 }),
  "array with a property": () => Object.assign([1], { a: 1 }),
  match: () => /b/.exec("abc"),
  "hole and a property": () => Object.assign(new Array(1), { a: 1 }),
  "symbol key": () => ({ [Symbol("s")]: 1 }),
  accessor: () => ({
    get a() {
      return 1;
    },
  }),
  "throwing getter of an error": () =>
    Object.defineProperty(new Error("e"), "a", {
      enumerable: true,
      get() {
        throw new Error("no");
      },
    }),
  "throwing proxy": () =>
    new Proxy({}, {
      ownKeys() {
        throw new Error("no");
      },
    }),
  "revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "key __proto__": () => JSON.parse('{"__proto__":{"a":1}}'),
  "key constructor beside a rich value": () => ({ constructor: 1, a: 1n }),
  cycle: () => {
    const node: Record<string, unknown> = {};
    node["self"] = [node];
    return node;
  },
  "cycle of a map": () => {
    const map = new Map<unknown, unknown>();
    return map.set("self", new Set([map]));
  },
  "cycle of errors": () => {
    const error = new Error("e");
    error.cause = { error };
    return error;
  },
  "too deep": () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = { value };
    return value;
  },
};
