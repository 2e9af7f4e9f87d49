import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cases, inZone, iso } from "./_cases.ts";
import { clocked } from "../../../src/schedules/timing/clocked.ts";
import { every } from "../../../src/schedules/timing/interval.ts";

cases(
  "every: aligned periods are multiples counted from 1970 in UTC",
  "Europe/Berlin",
  [
    [every("1h", { aligned: true }), "2026-01-01T10:00Z", "2026-01-01T11:00Z"],
    [
      every("1h", { aligned: true }),
      "2026-01-01T10:00:01Z",
      "2026-01-01T11:00Z",
    ],
    [
      every("15m", { aligned: true }),
      "2026-01-01T10:44:59.999Z",
      "2026-01-01T10:45Z",
    ],
    [every("1d", { aligned: true }), "2026-01-01T10:00Z", "2026-01-02T00:00Z"],
    [every(30, { aligned: true }), "2026-01-01T10:00:30Z", "2026-01-01T10:01Z"],
    [
      every("250ms", { aligned: true }),
      "2026-01-01T10:00Z",
      "2026-01-01T10:00:00.250Z",
    ],
    // 1 January 1970 was a Thursday, and so are all weeks counted from it.
    [every("7d", { aligned: true }), "2026-01-02T00:00Z", "2026-01-08T00:00Z"],
  ],
);

Deno.test("every: relative periods are counted from the anchor, the first is one period after it", () => {
  const anchor = Date.parse("2026-01-01T10:00:07Z");
  for (
    const [period, asked, next, previous] of [
      ["10m", "2026-01-01T10:00:07Z", "2026-01-01T10:10:07.000Z", null],
      ["10m", "2025-01-01T00:00:00Z", "2026-01-01T10:10:07.000Z", null],
      ["10m", "2026-01-01T10:10:07Z", "2026-01-01T10:20:07.000Z", null],
      [
        "10m",
        "2026-01-01T10:10:07.001Z",
        "2026-01-01T10:20:07.000Z",
        "2026-01-01T10:10:07.000Z",
      ],
      [
        "10m",
        "2026-01-02T10:00:00Z",
        "2026-01-02T10:00:07.000Z",
        "2026-01-02T09:50:07.000Z",
      ],
      [
        "1d",
        "2026-03-29T12:00:00Z",
        "2026-03-30T10:00:07.000Z",
        "2026-03-29T10:00:07.000Z",
      ],
      [
        "100ms",
        "2026-01-01T10:00:07.150Z",
        "2026-01-01T10:00:07.200Z",
        "2026-01-01T10:00:07.100Z",
      ],
    ] as const
  ) {
    const schedule = inZone(every(period), "Europe/Berlin", anchor);
    const at = Date.parse(asked);
    assertEquals(iso(schedule.next(at)), next, `${period} after ${asked}`);
    assertEquals(
      iso(schedule.previous(at)),
      previous,
      `${period} before ${asked}`,
    );
  }
});

Deno.test("every: next and previous are the nearest times of the period", () => {
  fc.assert(fc.property(
    fc.integer({ min: 100, max: 1e9 }),
    fc.integer({ min: 0, max: 2e12 }),
    fc.integer({ min: 0, max: 1e12 }),
    fc.boolean(),
    (period, anchor, passed, aligned) => {
      const at = anchor + passed;
      const schedule = inZone(
        every(period / 1_000, { aligned }),
        "UTC",
        anchor,
      );
      const origin = aligned ? 0 : anchor;
      const next = schedule.next(at) ?? NaN;
      assertEquals([(next - origin) % period, next > at, next - period <= at], [
        0,
        true,
        true,
      ]);
      const previous = schedule.previous(at);
      assertEquals(previous, previousOf(origin, period, at, aligned));
    },
  ));
});

/** By remainders, where the code divides. */
function previousOf(
  origin: number,
  period: number,
  at: number,
  aligned: boolean,
): number | null {
  const last = at - 1 - ((at - 1 - origin) % period + period) % period;
  return aligned || last > origin ? last : null;
}

Deno.test("every: takes seconds, text and Temporal.Duration", () => {
  for (
    const [spec, ms, text] of [
      [every(30), 30_000, "every 30s"],
      [every("10m"), 600_000, "every 10m"],
      [every("90s"), 90_000, "every 90s"],
      [every("1.5h"), 5_400_000, "every 90m"],
      [every("48h"), 172_800_000, "every 2d"],
      [every(0.1), 100, "every 100ms"],
      [every(Temporal.Duration.from({ hours: 1 })), 3_600_000, "every 1h"],
      [every("1h", { aligned: true }), 3_600_000, "every 1h, aligned"],
    ] as const
  ) {
    assertEquals((spec.toJSON() as { every?: number }).every, ms);
    assertEquals(spec.describe(), text);
  }
});

cases("clocked: once at its time, and never after it", "Europe/Berlin", [
  [clocked("2026-05-01T08:00:00Z"), "2026-01-01T00:00Z", "2026-05-01T08:00Z"],
  [
    clocked("2026-05-01T08:00:00+02:00"),
    "2026-01-01T00:00Z",
    "2026-05-01T06:00Z",
  ],
  [
    clocked("2026-05-01T08:00:00Z"),
    "2026-05-01T07:59:59.999Z",
    "2026-05-01T08:00Z",
  ],
  [clocked("2026-05-01T08:00:00Z"), "2026-05-01T08:00Z", null],
  [
    clocked(new Date("2026-05-01T08:00:00.5Z")),
    "2026-05-01T08:00Z",
    "2026-05-01T08:00:00.500Z",
  ],
  [
    clocked(Temporal.Instant.from("2026-05-01T08:00:00Z")),
    "2030-01-01T00:00Z",
    null,
  ],
]);

Deno.test("clocked: looks back to its time", () => {
  const schedule = inZone(clocked("2026-05-01T08:00:00Z"));
  const at = Date.parse("2026-05-01T08:00:00Z");
  assertEquals(schedule.previous(at), null);
  assertEquals(schedule.previous(at + 1), at);
  assertEquals(schedule.describe(), "once at 2026-05-01T08:00:00Z");
});
