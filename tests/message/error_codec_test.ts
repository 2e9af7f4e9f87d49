import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import {
  DecodeError,
  EncodeError,
  ERROR_CLASSES,
  Reject,
  RemoteError,
} from "../../src/errors.ts";
import { decodeError, encodeError } from "../../src/message/error_codec.ts";
import { customError, refused, RUNS } from "./arbitraries.ts";

function travel(error: unknown): Error {
  return decodeError(encodeError(error));
}

Deno.test("errors: known classes come back as themselves", () => {
  for (const Class of [Error, TypeError, RangeError, SyntaxError, URIError]) {
    const error = travel(new Class("m"));
    assert(error.constructor === Class);
    assertEquals([error.name, error.message], [Class.name, "m"]);
  }
  for (const [name, Class] of Object.entries(ERROR_CLASSES)) {
    const error = travel(new Class("m"));
    assert(error.constructor === Class);
    assertEquals([error.name, error.message], [name, "m"]);
  }
  const aborted = travel(new DOMException("m", "AbortError"));
  assertInstanceOf(aborted, DOMException);
  assertEquals(aborted.name, "AbortError");
});

Deno.test("errors: other classes come back by name", () => {
  const error = travel(customError);
  assertInstanceOf(error, RemoteError);
  assertEquals([error.name, error.message], ["CustomError", "mine"]);
  for (const name of ["constructor", "toString", "__proto__"]) {
    const odd = travel(Object.assign(new Error("m"), { name }));
    assertInstanceOf(odd, RemoteError);
    assertEquals(odd.name, name);
  }
});

Deno.test("errors: the remote stack is on the cause", () => {
  const error = new EncodeError("outer", { cause: new TypeError("inner") });
  const back = travel(error);
  const remote = back.cause as Error;
  assertEquals(
    [remote.name, remote.message, remote.stack],
    ["EncodeError", "outer", error.stack],
  );
  const inner = remote.cause as Error;
  assertInstanceOf(inner, TypeError);
  assertEquals((inner.cause as Error).stack, (error.cause as Error).stack);
});

Deno.test("errors: plain properties travel", () => {
  const error = Object.assign(new TypeError("m"), {
    code: "EFAIL",
    details: { at: [1] },
    handler: () => 1,
    when: new Date(),
  });
  const back = travel(error) as typeof error;
  assertEquals(back.code, "EFAIL");
  assertEquals(back.details, { at: [1] });
  assertEquals("handler" in back, false);
  assertEquals(
    (travel(new Reject("no", { requeue: true })) as Reject).requeue,
    true,
  );
});

Deno.test("errors: aggregates keep their errors", () => {
  const back = travel(new AggregateError([new TypeError("a"), "b"], "m"));
  assertInstanceOf(back, AggregateError);
  assertInstanceOf(back.errors[0], TypeError);
  assertEquals((back.errors[1] as Error).message, "b");
});

Deno.test("errors: whatever is thrown becomes readable", () => {
  for (
    const [thrown, message] of [
      ["boom", "boom"],
      [undefined, "Thrown, but no error: undefined"],
      [null, "Thrown, but no error: null"],
      [42, "Thrown, but no error: 42"],
      [5n, "Thrown, but no error: 5"],
      [Symbol("s"), "Thrown, but no error: Symbol(s)"],
      [{ code: 1 }, 'Thrown, but no error: {"code":1}'],
      [{ name: "E", message: "like an error" }, "like an error"],
    ] as const
  ) assertEquals(travel(thrown).message, message);
  assertEquals(travel({ name: "E", message: "m" }).name, "E");
  assertEquals(JSON.parse(encodeError("boom")).type, "string");
});

Deno.test("errors: size and depth are bounded", () => {
  const big = new Error("m".repeat(1e6));
  big.stack = "s".repeat(1e6);
  assertLess(encodeError(big).length, 31_000);
  assertStringIncludes(travel(big).message, "… (990000 more characters)");
  const cycle = Object.assign(new Error("c"), { list: new Array(1e5).fill(1) });
  cycle.cause = cycle;
  assertLess(encodeError(cycle).length, 20_000);
  const many = new AggregateError(new Array(1_000).fill(new Error("e")), "m");
  assertEquals((travel(many) as AggregateError).errors.length, 10);
});

Deno.test("errors: half a surrogate pair is not left by a cut", () => {
  const text = encodeError("x".repeat(9_999) + "🥬");
  assert(JSON.parse(text).message.isWellFormed());
});

Deno.test("errors: encoding never throws, decoding gives an error", () => {
  for (const make of Object.values(refused)) {
    assertInstanceOf(travel(make()), Error);
    assertInstanceOf(travel(new Error("m", { cause: make() })), Error);
    assertInstanceOf(
      travel(Object.assign(new Error("m"), { p: make() })),
      Error,
    );
    assertInstanceOf(travel({ name: "n", message: "m", stack: make() }), Error);
    assertInstanceOf(travel(new AggregateError([make()])), Error);
  }
  const hostile = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  fc.assert(
    fc.property(hostile, hostile, hostile, (thrown, cause, property) => {
      assertInstanceOf(travel(thrown), Error);
      const error = new Error("m", { cause });
      assertInstanceOf(travel(Object.assign(error, { property })), Error);
      Object.defineProperty(error, "name", { value: thrown });
      Object.defineProperty(error, "message", { value: property });
      assertInstanceOf(travel(error), Error);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("errors: bad text gives a readable error", () => {
  for (
    const text of ["", "no", "null", "[]", "{}", '{"name":1}', "{".repeat(1e5)]
  ) {
    const error = decodeError(text);
    assertInstanceOf(error, DecodeError);
    assertStringIncludes(error.message, "The error of the task cannot be read");
    assertLess(error.message.length, 300);
  }
  const encoded = fc.record({
    name: fc.oneof(
      fc.constantFrom("Error", "AggregateError", "Reject"),
      fc.string(),
    ),
    message: fc.string(),
    stack: fc.jsonValue(),
    cause: fc.jsonValue(),
    errors: fc.jsonValue(),
    props: fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom("name", "message", "stack", "__proto__", "constructor"),
        fc.jsonValue(),
      ),
    ),
    type: fc.oneof(fc.constant("DOMException"), fc.jsonValue()),
  }, { requiredKeys: ["name", "message"] });
  fc.assert(
    fc.property(fc.oneof(encoded, fc.jsonValue()), (value) => {
      assertInstanceOf(decodeError(JSON.stringify(value)), Error);
    }),
    { numRuns: 3 * RUNS },
  );
  assertInstanceOf(
    decodeError(
      '{"name":"E","message":"m","cause":'.repeat(1e5) + "null" +
        "}".repeat(1e5),
    ),
    Error,
  );
});
