import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError, EncodeError } from "../../src/errors.ts";
import { assertPlain } from "../../src/message/json_refusal.ts";
import {
  decode,
  decodeCall,
  encode,
  encodeArgs,
} from "../../src/message/json_codec.ts";
import type { EncodedArgs } from "../../src/message/json_codec.ts";
import {
  customError,
  knownErrors,
  plain,
  refused,
  rich,
  RUNS,
} from "./arbitraries.ts";

const options = { numRuns: RUNS };

/** Deep equality, and the same look: of URLs and stacks for example. */
function assertSame(actual: unknown, expected: unknown): void {
  assertEquals(actual, expected);
  const look: Deno.InspectOptions = {
    depth: 100,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
  };
  assertEquals(Deno.inspect(actual, look), Deno.inspect(expected, look));
}

/** As a call is sent: through text. */
function travel(call: EncodedArgs): EncodedArgs {
  return JSON.parse(JSON.stringify(call));
}

Deno.test("codec: plain JSON is plain JSON text", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const text = encode(value, "result");
      assertEquals(text, JSON.stringify(value));
      assertSame(decode(text), value);
    }),
    options,
  );
});

Deno.test("codec: rich values come back equal", () => {
  fc.assert(
    fc.property(rich, (value) => {
      assertSame(decode(encode(value, "result")), value);
    }),
    { numRuns: 3 * RUNS },
  );
});

Deno.test("codec: arguments come back equal, however often", () => {
  const kwargs = fc.option(fc.dictionary(fc.constantFrom("a", "b.c"), rich, {
    noNullPrototype: true,
  }));
  fc.assert(
    fc.property(fc.array(rich), kwargs, (args, kwargs) => {
      const sent = kwargs === null ? { args } : { args, kwargs };
      const call = travel(encodeArgs(args, kwargs ?? undefined));
      const text = JSON.stringify(call);
      assertSame(decodeCall(call), sent);
      assertSame(decodeCall(call).args, args);
      assertEquals(JSON.stringify(call), text);
    }),
    options,
  );
});

Deno.test("codec: plain arguments are passed on as they are", () => {
  const args = [{ a: 1 }];
  assertEquals(encodeArgs(args), { args });
  assert(encodeArgs(args).args === args);
  assertEquals("meta" in encodeArgs([1], { constructor: 1 }), false);
});

Deno.test("codec: values that occur twice come back twice", () => {
  const date = new Date(0);
  const shared = { date };
  for (
    const value of [
      [shared, shared, date],
      {
        a: date,
        b: new Set([new Date(1), date, "x"]),
        c: new Set(["y", date]),
      },
      {
        nan: NaN,
        map: new Map<unknown, unknown>([[NaN, 1], [1n, NaN]]),
        n: 1n,
      },
    ]
  ) assertSame(decode(encode(value, "result")), value);
});

Deno.test("codec: keys with dots and backslashes", () => {
  for (
    const key of ["a.b", "a\\.b", "a\\", ".", "\\", "\\\\.", "..", " ", "\n"]
  ) {
    const value = { [key]: 1n, inner: [{ [key]: { [key]: new Map() } }] };
    assertSame(decode(encode(value, "result")), value);
  }
});

Deno.test("codec: keys of plain values may be named as they like", () => {
  const value = { constructor: 1, prototype: { constructor: "x" } };
  assertSame(decode(encode(value, "result")), value);
});

Deno.test("codec: errors keep class, name, stack, cause and properties", () => {
  const coded = Object.assign(new RangeError("r", { cause: { at: 1n } }), {
    code: "E",
    when: new Date(0),
  });
  const aggregate = new AggregateError([coded, 1n], "all");
  const aborted = new DOMException("stopped", "AbortError");
  for (const error of [...knownErrors, coded, aggregate, aborted]) {
    const back = decode(encode(error, "result")) as Error;
    assertSame(back, error);
    assert(back.constructor === error.constructor);
    assertEquals(back.stack, error.stack);
  }
  const custom = decode(encode(customError, "result")) as Error;
  assertEquals(
    [custom.name, custom.message, custom.stack],
    ["CustomError", "mine", customError.stack],
  );
});

Deno.test("codec: what does not travel is refused wherever it is", () => {
  const around: [string, (value: unknown) => unknown][] = [
    ["result", (value) => value],
    ["result[1].a", (value) => [1, { a: value }]],
    ['result["a b"][0]', (value) => ({ x: 1n, "a b": [value] })],
    ['result.get("k")', (value) => new Map([["k", value]])],
    ["result.values()", (value) => new Set([1, value])],
    [
      "result.cause.code",
      (value) =>
        new Error("e", { cause: Object.assign(new Error(), { code: value }) }),
    ],
  ];
  for (const [name, make] of Object.entries(refused)) {
    for (const [path, wrap] of around) {
      const error = assertThrows(
        () => encode(wrap(make()), "result"),
        EncodeError,
      );
      assert(error.message.startsWith(path), `${name}: ${error.message}`);
      assert(error.message.length < 200, error.message);
    }
  }
});

Deno.test("codec: refused values anywhere in any value", () => {
  const makers = fc.constantFrom(...Object.values(refused));
  fc.assert(
    fc.property(fc.array(rich), rich, makers, (args, value, make) => {
      assertThrows(
        () => encodeArgs([...args, { value, bad: [make()] }]),
        EncodeError,
        `args[${args.length}].bad[0]`,
      );
      assertThrows(
        () => encodeArgs(args, { value, bad: make() }),
        EncodeError,
        "kwargs.bad",
      );
    }),
    options,
  );
});

Deno.test("codec: a refusal says what it is, where and what to do", () => {
  class User {}
  const deep = refused["too deep"]?.();
  const node: Record<string, unknown> = {};
  node["next"] = { node };
  for (
    const [value, message] of [
      [
        { user: new User() },
        "args[0].user: User instances do not serialize; pass an id",
      ],
      [() => 1, "args[0]: functions do not serialize; pass data"],
      [[Symbol()], "args[0][0]: symbols do not serialize; pass a string"],
      [
        Promise.resolve(),
        "args[0]: Promise instances do not serialize; await it first",
      ],
      [
        new Uint8Array(1),
        "args[0]: Uint8Array instances do not serialize; pass base64 text or an array",
      ],
      [
        new Date(NaN),
        "args[0]: Date instances do not serialize; this one is invalid",
      ],
      [
        new Array(2),
        "args[0]: arrays with holes do not serialize; pass null in their place",
      ],
      [
        { ["__proto__"]: 1 },
        "args[0].__proto__: the key __proto__ does not serialize; rename it",
      ],
      [
        { constructor: 1n },
        "args[0].constructor: the key constructor does not serialize; rename it",
      ],
      [{
        get a() {
          return 1;
        },
      }, "args[0].a: accessors do not serialize; pass the value"],
      [
        node,
        "args[0].next.node: this is args[0] again, and a value that contains itself does not serialize; pass an id",
      ],
    ] as const
  ) {
    const error = assertThrows(() => encodeArgs([value]), EncodeError);
    assertEquals(error.message, message);
  }
  const error = assertThrows(() => encode(deep, "result"), EncodeError);
  assert(error.message.endsWith("nested deeper than 500 levels; pass an id"));
});

Deno.test("codec: 500 levels are enough and possible, rich or plain", () => {
  for (const leaf of [1, 1n]) {
    let value: unknown = leaf;
    for (let depth = 0; depth < 500; depth++) {
      value = depth % 2 ? [value] : { value };
    }
    assertEquals(encode(decode(encode(value, "r")), "r"), encode(value, "r"));
    assertThrows(() => encode([value], "r"), EncodeError, "deeper than 500");
  }
});

Deno.test("codec: strict JSON where superjson has no place", () => {
  assertPlain({ a: [1, "b", null] }, "headers");
  for (
    const [value, message] of [
      [undefined, "headers: undefined is not plain JSON"],
      [{ a: -0 }, "headers.a: -0 is not plain JSON"],
      [{ a: [1n] }, "headers.a[0]: bigint is not plain JSON"],
      [{ a: new Date() }, "headers.a: Date instances are not plain JSON"],
      [{ a: () => 1 }, "headers.a: functions do not serialize; pass data"],
    ] as const
  ) {
    const error = assertThrows(
      () => assertPlain(value, "headers"),
      EncodeError,
    );
    assertEquals(error.message, message);
  }
});

Deno.test("codec: a proxy that changes its mind is refused", () => {
  let reads = 0;
  const value = new Proxy({ a: 1 }, {
    ownKeys(target) {
      if (++reads === 1) throw new Error("no");
      return Reflect.ownKeys(target);
    },
  });
  assertThrows(
    () => encode(value, "result"),
    EncodeError,
    "result: this value changes while it is read",
  );
});

Deno.test("codec: foreign text is decoded or refused, nothing else", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.json().map((json) => `~${json}`),
    fc.record({
      json: fc.jsonValue(),
      meta: fc.record({ values: fc.jsonValue(), v: fc.jsonValue() }),
    }).map((value) => `~${JSON.stringify(value)}`),
  );
  fc.assert(
    fc.property(text, (text) => {
      try {
        decode(text);
      } catch (error) {
        assert(error instanceof DecodeError);
      }
    }),
    { numRuns: 3 * RUNS },
  );
  assertEquals(Object.keys(Object.prototype), []);
});

Deno.test("codec: hostile notes are refused and pollute nothing", () => {
  for (
    const values of [
      "abc",
      { "__proto__.polluted": ["Date"] },
      { "args.__proto__.polluted": ["Date"] },
      { "constructor.prototype.polluted": ["Date"] },
      { args: ["set"] },
      { args: ["undefined"] },
      { "args.0": [["class", "User"]] },
      { "args.0": ["constructor"] },
      ["map"],
    ]
  ) {
    const call = { args: [1], meta: { values, v: 1 } };
    assertThrows(() => decodeCall(call).args, DecodeError, "cannot be read");
  }
  assertEquals("polluted" in {}, false);
});
