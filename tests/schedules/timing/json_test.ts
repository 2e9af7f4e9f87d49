import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { crons, crontabs } from "./arbitraries.ts";
import { clocked } from "../../../src/schedules/timing/clocked.ts";
import { cron } from "../../../src/schedules/timing/cron.ts";
import { crontab } from "../../../src/schedules/timing/crontab.ts";
import { scheduleFromJson } from "../../../src/schedules/timing/evaluate.ts";
import { every } from "../../../src/schedules/timing/interval.ts";
import type { ScheduleSpec } from "../../../src/schedules/timing/schedule.ts";
import { specFromJson } from "../../../src/schedules/timing/schedule_json.ts";
import { solar } from "../../../src/schedules/timing/solar.ts";
import { toSchedule } from "../../../src/schedules/timing/to_schedule.ts";
import type { ScheduleLike } from "../../../src/schedules/timing/to_schedule.ts";
import { ScheduleError } from "../../../src/errors.ts";

const CONTEXT = { timezone: "UTC", anchor: 0 };

/** Tests that a schedule reads back equal, by way of text. */
function readsBack(spec: ScheduleSpec): void {
  const text = JSON.stringify(spec);
  const back = specFromJson(JSON.parse(text));
  assertEquals(JSON.stringify(back), text);
  assertEquals(back.toJSON(), spec.toJSON());
  assertEquals(back.describe(), spec.describe());
  assertEquals([back.kind, back.timezone], [spec.kind, spec.timezone]);
  const schedule = scheduleFromJson(JSON.parse(text), CONTEXT);
  assertEquals(JSON.stringify(schedule), text);
  assertEquals(schedule.describe(), spec.describe());
}

Deno.test("JSON: every kind reads back equal", () => {
  for (
    const spec of [
      crontab(),
      crontab({
        minute: [0, "30-40"],
        hour: " 8 , 9 ",
        timezone: "Asia/Tokyo",
      }),
      cron("@daily", { timezone: "Europe/Berlin" }),
      cron("  0 0 \t L * friL"),
      every("10m"),
      every(0.1, { aligned: true }),
      clocked("2026-05-01T08:00:00.123Z"),
      solar("duskNautical", -33.86885, 151.2093),
    ]
  ) readsBack(spec);
  fc.assert(
    fc.property(fc.oneof(crontabs, crons), ({ spec }) => readsBack(spec)),
  );
});

Deno.test("JSON: what is kept stays as it is", () => {
  assertEquals(
    [
      crontab({ minute: [0, 30], dayOfWeek: "mon-fri" }).toJSON(),
      cron(" */5 * * *  * ", { timezone: "UTC" }).toJSON(),
      every("10m").toJSON(),
      clocked("2026-05-01T08:00:00Z").toJSON(),
      solar("sunrise", 52.52, 13.405).toJSON(),
    ],
    [
      {
        kind: "crontab",
        minute: "0,30",
        hour: "*",
        dayOfWeek: "mon-fri",
        dayOfMonth: "*",
        monthOfYear: "*",
        timezone: null,
      },
      { kind: "cron", expression: "*/5 * * * *", timezone: "UTC" },
      { kind: "interval", every: 600_000, aligned: false },
      { kind: "clocked", at: 1_777_622_400_000 },
      { kind: "solar", event: "sunrise", latitude: 52.52, longitude: 13.405 },
    ],
  );
});

Deno.test("JSON: what is missing has its default, what is new is passed over", () => {
  assertEquals(
    specFromJson({ kind: "crontab", minute: 5, jitter: 3 }).describe(),
    "5 * * * *",
  );
  assertEquals(
    specFromJson({ kind: "cron", expression: "@daily" }).timezone,
    null,
  );
  assertEquals(
    specFromJson({ kind: "interval", every: 1_000 }).describe(),
    "every 1s",
  );
});

Deno.test("JSON: what is no schedule is refused", () => {
  for (
    const [json, message] of [
      [null, "A schedule's JSON must have a kind, but it is null"],
      [undefined, "A schedule's JSON must have a kind, but it is undefined"],
      ["@daily", `A schedule's JSON must have a kind, but it is "@daily"`],
      [{}, "A schedule's JSON must have a kind, but it is an object"],
      [
        { kind: "lunar" },
        'This version knows no schedule of the kind "lunar", but crontab, cron, interval, clocked, solar; upgrade Lovage',
      ],
      [
        { kind: "toString" },
        'This version knows no schedule of the kind "toString", but crontab, cron, interval, clocked, solar; upgrade Lovage',
      ],
      [
        { kind: "cron" },
        "A cron expression must be a text, but it is undefined",
      ],
      [
        { kind: "interval", every: "10m" },
        "The period of every() must be between 100ms and 36500d, but it is 10m",
      ],
      [
        { kind: "clocked", at: "x" },
        'The time of clocked() must be epoch ms, but it is "x"',
      ],
      [
        { kind: "clocked", at: 1e16 },
        "The time of clocked() must be epoch ms, but it is 10000000000000000",
      ],
      [
        { kind: "crontab", minute: null },
        'Option "minute" of crontab() must be a number, a text, or an array of these, but it is null',
      ],
    ] as const
  ) {
    const error = assertThrows(
      () => scheduleFromJson(json, CONTEXT),
      ScheduleError,
    );
    assertEquals(error.message, message);
  }
});

Deno.test("specs cannot be changed", () => {
  const spec = crontab({ minute: 5 });
  assertThrows(() => Object.assign(spec, { kind: "cron" }), TypeError);
  assertThrows(() => Object.assign(spec.toJSON(), { minute: "6" }), TypeError);
});

Deno.test("describe: a short text for lists", () => {
  for (
    const [spec, text] of [
      [crontab(), "* * * * *"],
      [
        crontab({
          minute: "*/5",
          hour: "8-18",
          dayOfMonth: 1,
          monthOfYear: "jan",
          dayOfWeek: ["mon", 3],
        }),
        "*/5 8-18 1 jan mon,3",
      ],
      [cron("  */5 8-18  * * mon-fri"), "*/5 8-18 * * mon-fri"],
      [cron("@daily"), "@daily"],
      [solar("sunrise", 52.52, 13.4), "sunrise at 52.52, 13.40"],
    ] as const
  ) assertEquals(spec.describe(), text);
});

Deno.test("toSchedule: numbers, texts, durations and builders stand for schedules", () => {
  const built = solar("sunset", 1, 2);
  for (
    const [value, expected] of [
      [30, every(30)],
      [0.5, every("500ms")],
      ["10s", every(10)],
      [Temporal.Duration.from({ minutes: 5 }), every("5m")],
      ["*/5 * * * *", cron("*/5 * * * *")],
      [" @daily ", cron("@daily")],
      ["0 0 0 * * mon", cron("0 0 0 * * mon")],
      [built, built],
      // As of another copy of this library.
      [{
        kind: "cron",
        timezone: null,
        toJSON: () => cron("@hourly").toJSON(),
        describe: () => "",
      }, cron("@hourly")],
    ] as const
  ) assertEquals(toSchedule(value as ScheduleLike).toJSON(), expected.toJSON());
});

Deno.test("toSchedule: anything else is refused", () => {
  const wanted =
    'A schedule must be crontab(), cron(), every(), clocked(), solar(), a period such as "10s", or a cron expression, but it is';
  for (
    const [value, message] of [
      [null, `${wanted} null`],
      [undefined, `${wanted} undefined`],
      [true, `${wanted} true`],
      [{}, `${wanted} an object`],
      [new Date(0), `${wanted} a Date`],
      [["@daily"], `${wanted} an array of 1`],
      [
        "daily",
        'The schedule "daily" is neither a period such as "10s" nor a cron expression such as "*/5 * * * *"',
      ],
      [
        "",
        'The schedule "" is neither a period such as "10s" nor a cron expression such as "*/5 * * * *"',
      ],
    ] as const
  ) {
    const error = assertThrows(() => toSchedule(value as never), ScheduleError);
    assertEquals(error.message, message);
  }
  assertThrows(() => toSchedule("10 minutes"), ScheduleError, "has 2 fields");
  assertThrows(() => toSchedule("10x"), ScheduleError, 'but it is "10x"');
  assertThrows(() => toSchedule(-1), ScheduleError, "must be a duration");
});

Deno.test("equal schedules share their times, others do not", () => {
  const read = (spec: ScheduleSpec, timezone: string) =>
    scheduleFromJson(spec.toJSON(), { timezone, anchor: 0 });
  const one = read(crontab({ minute: "*/30" }), "UTC");
  const same = read(crontab({ minute: "0,30" }), "UTC");
  assertStrictEquals(same.next, one.next);
  const own = crontab({ minute: "0-59/30", timezone: "UTC" });
  assertStrictEquals(read(own, "Asia/Tokyo").next, one.next);
  assert(read(crontab({ minute: "*/30" }), "Asia/Tokyo").next !== one.next);
  for (
    const [each, other] of [
      // A rhythm, and two times of day.
      [cron("0 */12 * * *"), cron("0 0,12 * * *")],
      // Both days must match, and either will do.
      [
        crontab({ minute: 0, hour: 0, dayOfMonth: 1, dayOfWeek: 1 }),
        cron("0 0 1 * 1"),
      ],
      [solar("sunrise", 1, 2), solar("sunrise", 1, 2.001)],
    ] as const
  ) assert(read(each, "UTC").next !== read(other, "UTC").next);
});
