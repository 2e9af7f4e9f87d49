import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseDuration, parseInstant } from "../../src/message/time.ts";
import type { Duration, Instant } from "../../src/message/time.ts";

Deno.test("parseDuration: seconds, text with a unit, Temporal.Duration", () => {
  for (
    const [value, ms] of [
      [0, 0],
      [1.5, 1_500],
      [0.0004, 0],
      ["250ms", 250],
      ["30s", 30_000],
      ["1.5m", 90_000],
      ["2h", 7_200_000],
      ["1d", 86_400_000],
      [Temporal.Duration.from({ minutes: 1, seconds: 1 }), 61_000],
    ] as const
  ) assertEquals(parseDuration(value, "countdown"), ms);
});

Deno.test("parseDuration: anything else is refused", () => {
  for (
    const value of [
      -1,
      NaN,
      Infinity,
      1e300,
      "",
      "5",
      "5 s",
      "-5s",
      "5w",
      "1e3s",
      "s",
      "toString",
      null,
      undefined,
      true,
      {},
      [],
      () => 1,
      Symbol("s"),
      5n,
      Object.create(null),
      { total: () => "5" },
      { total: 5 },
      Temporal.Duration.from({ months: 1 }),
      Temporal.Duration.from({ seconds: -1 }),
    ]
  ) {
    assertThrows(
      () => parseDuration(value as Duration, "countdown"),
      TypeError,
      "countdown must be a duration (seconds as a number, or text such as",
    );
  }
  const error = assertThrows(
    () => parseDuration("5 minutes" as Duration, "timeLimit"),
    TypeError,
  );
  assertEquals(
    error.message,
    "timeLimit must be a duration (seconds as a number, or text such as " +
      '"250ms", "30s", "5m", "2h", "1d"), but it is "5 minutes"',
  );
});

Deno.test("parseInstant: Date, ISO text, Temporal.Instant", () => {
  const ms = Date.UTC(2026, 4, 1, 8);
  for (
    const value of [
      new Date(ms),
      "2026-05-01T08:00Z",
      "2026-05-01T08:00:00.000Z",
      "2026-05-01T10:00:00+02:00",
      Temporal.Instant.fromEpochMilliseconds(ms),
    ]
  ) assertEquals(parseInstant(value, "eta"), ms);
  assertEquals(parseInstant("2026-05-01", "eta"), Date.UTC(2026, 4, 1));
});

Deno.test("parseInstant: anything else is refused", () => {
  for (
    const value of [
      new Date(NaN),
      "",
      "soon",
      "2026-05-01T08:00",
      "2026-13-01",
      "1",
      0,
      NaN,
      null,
      undefined,
      {},
      [],
      { epochMilliseconds: "1" },
      Symbol("s"),
    ]
  ) {
    assertThrows(
      () => parseInstant(value as Instant, "eta"),
      TypeError,
      "eta must be a point in time",
    );
  }
});

Deno.test("times: a result or a TypeError, for anything", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (value) => {
    for (const parse of [parseDuration, parseInstant]) {
      try {
        assertEquals(Number.isFinite(parse(value as never, "it")), true);
      } catch (error) {
        assertEquals((error as Error).constructor, TypeError);
      }
    }
  }));
});
