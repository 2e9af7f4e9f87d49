import { assert, assertEquals } from "@std/assert";
import { inZone, iso } from "./_cases.ts";
import { SUN } from "./fixtures/sun.ts";
import { solar } from "../../../src/schedules/timing/solar.ts";

const DAY = 86_400_000;

Deno.test("solar: the times of the almanac, in twelve places and four seasons", () => {
  for (const { place, latitude, longitude, from, times } of SUN) {
    for (const [event, expected] of times) {
      const next = inZone(solar(event, latitude, longitude)).next(from) ?? NaN;
      const label = `${event} in ${place} from ${iso(from)}: ${iso(next)}`;
      if (expected === null) assert(next > from + DAY, label);
      else assert(Math.abs(next - expected) < 5_000, label);
    }
  }
});

Deno.test("solar: the published minutes of sunrise and sunset", () => {
  for (
    const [place, latitude, longitude, midnight, sunrise, sunset] of [
      ["London", 51.5074, -0.1278, "2024-06-21T00:00+01:00", "04:43", "21:21"],
      ["Berlin", 52.52, 13.405, "2024-12-21T00:00+01:00", "08:15", "15:54"],
      [
        "New York",
        40.7128,
        -74.006,
        "2024-06-20T00:00-04:00",
        "05:25",
        "20:30",
      ],
      ["Tokyo", 35.6762, 139.6503, "2024-06-21T00:00+09:00", "04:25", "19:00"],
      [
        "Sydney",
        -33.8688,
        151.2093,
        "2024-06-21T00:00+10:00",
        "07:00",
        "16:54",
      ],
      [
        "Cape Town",
        -33.9249,
        18.4241,
        "2024-12-21T00:00+02:00",
        "05:32",
        "19:57",
      ],
      ["Kyiv", 50.45, 30.52, "2026-08-24T00:00+03:00", "05:59", "19:59"],
    ] as const
  ) {
    const start = Date.parse(midnight);
    for (
      const [event, clock] of [["sunrise", sunrise], [
        "sunset",
        sunset,
      ]] as const
    ) {
      const expected = Date.parse(midnight.replace("00:00", clock));
      const found = inZone(solar(event, latitude, longitude)).next(start) ??
        NaN;
      assert(
        Math.abs(found - expected) <= 90_000,
        `${event} in ${place}: ${iso(found)}`,
      );
    }
  }
});

Deno.test("solar: days on which it does not happen are left out", () => {
  const tromsø = [69.6492, 18.9553] as const;
  const summer = Date.parse("2024-06-21T00:00Z");
  // The midnight sun lasts from 18 May to 26 July.
  const sunset = inZone(solar("sunset", ...tromsø));
  assert((sunset.previous(summer) ?? 0) < Date.parse("2024-05-19T00:00Z"));
  assert((sunset.previous(summer) ?? 0) > Date.parse("2024-05-16T00:00Z"));
  assert((sunset.next(summer) ?? 0) > Date.parse("2024-07-24T00:00Z"));
  assert((sunset.next(summer) ?? 0) < Date.parse("2024-07-28T00:00Z"));
  // The sun has a noon all the same, each day.
  const noon = inZone(solar("solarNoon", ...tromsø));
  assert((noon.next(summer) ?? 0) < summer + DAY);
});

Deno.test("solar: at the pole the sun rises once a year", () => {
  const sunrise = inZone(solar("sunrise", 90, 0));
  const first = sunrise.next(Date.parse("2026-01-01T00:00Z")) ?? NaN;
  const second = sunrise.next(first) ?? NaN;
  assert(
    Math.abs(first - Date.parse("2026-03-18T12:00Z")) < 3 * DAY,
    String(iso(first)),
  );
  assert(
    Math.abs(second - first - 365.25 * DAY) < 2 * DAY,
    String(iso(second)),
  );
});

Deno.test("solar: it is the same second, whoever asks and from when", () => {
  for (const latitude of [-66.8, -34, 0, 52.5, 60, 65.9, 67.4, 89.3]) {
    for (
      const event of [
        "dawnCivil",
        "sunrise",
        "solarNoon",
        "duskNautical",
      ] as const
    ) {
      const spec = solar(event, latitude, 179.9);
      const start = Date.parse("2026-03-25T00:00Z");
      const ahead: (string | null)[] = [];
      for (let at = start; ahead.length < 40;) {
        at = inZone(spec).next(at) ?? NaN;
        ahead.push(iso(at));
      }
      const back: (string | null)[] = [];
      for (let at = Date.parse(ahead.at(-1) ?? "") + 1; back.length < 40;) {
        at = inZone(spec).previous(at) ?? NaN;
        back.unshift(iso(at));
      }
      assertEquals(back, ahead, `${event} at ${latitude}`);
    }
  }
});

Deno.test("solar: dusk and dawn take turns, also where nights end at midnight", () => {
  // In November midnight by the sun is up to 16 minutes before its mean.
  const [from, to] = [
    Date.parse("2026-10-10T12:00Z"),
    Date.parse("2027-02-28"),
  ];
  for (let latitude = -64; latitude < -53; latitude += 0.5) {
    const events = ["duskNautical", "dawnNautical"] as const;
    const times = events.flatMap((event) => {
      const found: [number, string][] = [];
      const schedule = inZone(solar(event, latitude, 0));
      for (let at = from; (at = schedule.next(at) ?? NaN) < to;) {
        found.push([at, event]);
      }
      return found;
    }).sort(([a], [b]) => a - b);
    assertEquals(
      times.map(([, event]) => event),
      times.map((_, index) => events[index % 2] ?? ""),
      `at ${latitude}`,
    );
  }
});
