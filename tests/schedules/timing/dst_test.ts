/**
 * What happens where the clocks change. In Berlin 02:00 to 03:00 falls out on
 * 29 March 2026 and comes twice on 25 October; in New York the same hour on
 * 8 March, and 01:00 to 02:00 on 1 November.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { cases, inZone, iso } from "./_cases.ts";
import { cron } from "../../../src/schedules/timing/cron.ts";
import { crontab } from "../../../src/schedules/timing/crontab.ts";

cases(
  "DST: a time of day in the hour that falls out comes when it is over",
  "Europe/Berlin",
  [
    [cron("30 2 * * *"), "2026-03-28T12:00Z", "2026-03-29T03:00+02:00"],
    [cron("30 2 * * *"), "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
    [cron("0 2 * * *"), "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00"],
    [cron("59 2 29 3 *"), "2026-03-01T00:00Z", "2026-03-29T03:00+02:00"],
    [cron("15 30 2 * * *"), "2026-03-28T12:00Z", "2026-03-29T03:00+02:00"],
    [cron("30 2,14 * * *"), "2026-03-28T20:00Z", "2026-03-29T03:00+02:00"],
    [cron("30 2,14 * * *"), "2026-03-29T01:00Z", "2026-03-29T14:30+02:00"],
    // The four of them come at once, which is once.
    [cron("0,15,30,45 2 * * *"), "2026-03-29T00:00Z", "2026-03-29T01:00Z"],
    [
      cron("0,15,30,45 2 * * *"),
      "2026-03-29T01:00Z",
      "2026-03-30T02:00+02:00",
    ],
    [
      crontab({ minute: 30, hour: 2 }),
      "2026-03-28T12:00Z",
      "2026-03-29T03:00+02:00",
    ],
    [
      crontab({ minute: [0, 30], hour: "1-3" }),
      "2026-03-29T01:30+01:00",
      "2026-03-29T03:00+02:00",
    ],
    // A step that comes down to one hour names a time of day.
    [
      crontab({ minute: 30, hour: "2-3/2" }),
      "2026-03-28T12:00Z",
      "2026-03-29T03:00+02:00",
    ],
  ],
);

cases(
  "DST: a time of day in the hour that comes twice comes the first time",
  "Europe/Berlin",
  [
    [cron("30 2 * * *"), "2026-10-24T12:00Z", "2026-10-25T02:30+02:00"],
    [cron("30 2 * * *"), "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
    [cron("0 3 * * *"), "2026-10-25T02:59+02:00", "2026-10-25T03:00+01:00"],
    [cron("30 2,14 * * *"), "2026-10-25T02:30+02:00", "2026-10-25T13:30Z"],
    [
      crontab({ minute: 30, hour: "2,14" }),
      "2026-10-25T02:30+02:00",
      "2026-10-25T14:30+01:00",
    ],
    // Asked between the two.
    [cron("30 2 * * *"), "2026-10-25T02:10+01:00", "2026-10-26T02:30+01:00"],
    [
      crontab({ minute: 0, hour: "1-3" }),
      "2026-10-25T02:00+02:00",
      "2026-10-25T03:00+01:00",
    ],
  ],
);

cases(
  "DST: a rhythm goes on in real time when an hour falls out",
  "Europe/Berlin",
  [
    [cron("0 * * * *"), "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"],
    [cron("*/15 * * * *"), "2026-03-29T01:45+01:00", "2026-03-29T03:00+02:00"],
    [cron("* * * * *"), "2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00"],
    [cron("30 * * * *"), "2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00"],
    // Every hour, written out.
    [cron("0 0-23 * * *"), "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"],
    // What would be in that hour only is left out.
    [cron("*/10 2 * * *"), "2026-03-28T12:00Z", "2026-03-30T02:00+02:00"],
    [cron("0 */2 * * *"), "2026-03-29T00:00+01:00", "2026-03-29T04:00+02:00"],
    [
      crontab({ minute: "*/30", hour: "1-3" }),
      "2026-03-29T01:30+01:00",
      "2026-03-29T03:00+02:00",
    ],
    [
      crontab({ minute: 0, hour: "*" }),
      "2026-03-29T01:00+01:00",
      "2026-03-29T03:00+02:00",
    ],
  ],
);

cases(
  "DST: a rhythm goes on in real time when an hour comes twice",
  "Europe/Berlin",
  [
    [cron("0 * * * *"), "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"],
    [cron("0 * * * *"), "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"],
    [cron("*/15 * * * *"), "2026-10-25T02:45+02:00", "2026-10-25T02:00+01:00"],
    [cron("* * * * *"), "2026-10-25T02:59+02:00", "2026-10-25T02:00+01:00"],
    [cron("0 0-23 * * *"), "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"],
    [cron("*/30 2 * * *"), "2026-10-25T02:30+02:00", "2026-10-25T02:00+01:00"],
    [
      crontab({ minute: "*/20" }),
      "2026-10-25T02:40+02:00",
      "2026-10-25T02:00+01:00",
    ],
    [
      crontab({ minute: 15, hour: "*/2" }),
      "2026-10-25T02:15+02:00",
      "2026-10-25T02:15+01:00",
    ],
  ],
);

cases("DST: New York", "America/New_York", [
  [cron("30 2 * * *"), "2026-03-07T12:00Z", "2026-03-08T03:00-04:00"],
  [cron("30 1 * * *"), "2026-11-01T00:00Z", "2026-11-01T01:30-04:00"],
  [cron("30 1 * * *"), "2026-11-01T05:30Z", "2026-11-02T01:30-05:00"],
  [cron("0 * * * *"), "2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00"],
  [cron("0 9 * * *"), "2026-03-07T14:00Z", "2026-03-08T13:00Z"],
]);

cases(
  "DST: Lord Howe moves its clocks by half an hour",
  "Australia/Lord_Howe",
  [
    // 02:00 to 02:30 falls out on 4 October, 01:30 to 02:00 comes twice on
    // 5 April.
    [cron("15 2 * * *"), "2026-10-03T12:00Z", "2026-10-04T02:30+11:00"],
    [cron("45 2 * * *"), "2026-10-03T12:00Z", "2026-10-04T02:45+11:00"],
    [cron("*/15 * * * *"), "2026-10-04T01:45+10:30", "2026-10-04T02:30+11:00"],
    [cron("0 * * * *"), "2026-10-04T01:00+10:30", "2026-10-04T03:00+11:00"],
    [cron("45 1 * * *"), "2026-04-04T12:00Z", "2026-04-05T01:45+11:00"],
    [cron("45 1 * * *"), "2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
    [cron("*/15 * * * *"), "2026-04-05T01:45+11:00", "2026-04-05T01:30+10:30"],
    [cron("0 * * * *"), "2026-04-05T01:00+11:00", "2026-04-05T02:00+10:30"],
  ],
);

cases(
  "DST: in São Paulo midnight fell out, and came twice",
  "America/Sao_Paulo",
  [
    [cron("@daily"), "2018-11-03T12:00Z", "2018-11-04T01:00-02:00"],
    [cron("30 0 * * *"), "2018-11-03T12:00Z", "2018-11-04T01:00-02:00"],
    [cron("@daily"), "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"],
    // At midnight the clocks went back to 23:00 of 17 February.
    [cron("30 23 * * *"), "2018-02-17T12:00Z", "2018-02-17T23:30-02:00"],
    [cron("30 23 * * *"), "2018-02-18T01:30Z", "2018-02-18T23:30-03:00"],
    [cron("0 0 * * *"), "2018-02-17T23:30-02:00", "2018-02-18T00:00-03:00"],
    [cron("0 * * * *"), "2018-02-17T23:00-02:00", "2018-02-17T23:00-03:00"],
  ],
);

cases("DST: Samoa had no 30 December 2011", "Pacific/Apia", [
  [cron("0 10 * * *"), "2011-12-29T10:00-10:00", "2011-12-31T10:00+14:00"],
  [cron("0 0 * * *"), "2011-12-29T00:00-10:00", "2011-12-31T00:00+14:00"],
  [cron("0 10 30 12 *"), "2011-12-01T00:00Z", "2012-12-30T10:00+14:00"],
  [cron("0 * * * *"), "2011-12-29T23:00-10:00", "2011-12-31T00:00+14:00"],
  // 30 December would have been a Friday.
  [cron("0 12 * * fri"), "2011-12-25T00:00Z", "2012-01-06T12:00+14:00"],
]);

cases(
  "DST: a time of day whose day is over with the gap is left out",
  "America/Nuuk",
  [
    // 23:00 to 24:00 falls out on 28 March 2026.
    [cron("30 23 * * *"), "2026-03-28T12:00Z", "2026-03-29T23:30-01:00"],
    [cron("0 0 * * *"), "2026-03-28T12:00Z", "2026-03-29T00:00-01:00"],
  ],
);

cases("DST: zones without it, and with odd offsets", "Asia/Kolkata", [
  [cron("30 2 * * *"), "2026-03-28T12:00Z", "2026-03-29T02:30+05:30"],
  [cron("0 0 * * *"), "2026-01-01T18:29Z", "2026-01-01T18:30Z"],
  [cron("0 * * * *"), "2026-01-01T00:00Z", "2026-01-01T00:30Z"],
  [cron("0 0 1 * *"), "2026-01-31T18:00Z", "2026-01-31T18:30Z"],
]);

Deno.test("DST: a day of an hourly rhythm has 23 or 25 runs, never two at once", () => {
  const schedule = inZone(cron("0 * * * *"), "Europe/Berlin");
  for (
    const [from, count] of [["2026-03-28T23:00Z", 23], [
      "2026-10-24T22:00Z",
      25,
    ]] as const
  ) {
    const start = Date.parse(from);
    const times = [start];
    for (let at = start; times.length < count; times.push(at)) {
      at = schedule.next(at) ?? NaN;
    }
    const hours = times.map((_, index) => iso(start + index * 3_600_000));
    assertEquals(times.map(iso), hours);
  }
});
