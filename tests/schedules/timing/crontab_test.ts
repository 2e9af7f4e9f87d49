import { cases } from "./_cases.ts";
import { crontab } from "../../../src/schedules/timing/crontab.ts";

cases("crontab: minutes and hours, as values, lists, ranges and steps", "UTC", [
  [crontab(), "2026-01-01T00:00Z", "2026-01-01T00:01Z"],
  [crontab(), "2026-01-01T00:00:59.999Z", "2026-01-01T00:01Z"],
  [crontab(), "2026-01-01T00:00:00.001Z", "2026-01-01T00:01Z"],
  [crontab({ minute: 0 }), "2026-01-01T10:00Z", "2026-01-01T11:00Z"],
  [crontab({ minute: "30" }), "2026-01-01T10:29:59Z", "2026-01-01T10:30Z"],
  [crontab({ minute: "*/15" }), "2026-01-01T10:50Z", "2026-01-01T11:00Z"],
  [crontab({ minute: "*/7" }), "2026-01-01T10:56Z", "2026-01-01T11:00Z"],
  [crontab({ minute: "1-10/3" }), "2026-01-01T10:01Z", "2026-01-01T10:04Z"],
  [crontab({ minute: "1-10/3" }), "2026-01-01T10:10Z", "2026-01-01T11:01Z"],
  [crontab({ minute: [5, 50] }), "2026-01-01T10:05Z", "2026-01-01T10:50Z"],
  [crontab({ minute: [5, "8-9"] }), "2026-01-01T10:05Z", "2026-01-01T10:08Z"],
  [crontab({ minute: "3, 1 ,2" }), "2026-01-01T10:01Z", "2026-01-01T10:02Z"],
  [crontab({ minute: "*,5" }), "2026-01-01T10:05Z", "2026-01-01T10:06Z"],
  [crontab({ minute: "*/60" }), "2026-01-01T10:05Z", "2026-01-01T11:00Z"],
  [crontab({ hour: 3 }), "2026-01-01T03:59Z", "2026-01-02T03:00Z"],
  [crontab({ minute: 0, hour: 0 }), "2026-12-31T12:00Z", "2027-01-01T00:00Z"],
  [crontab({ minute: 59, hour: 23 }), "2026-01-31T23:59Z", "2026-02-01T23:59Z"],
  [
    crontab({ minute: 0, hour: "8-18/5" }),
    "2026-01-01T08:00Z",
    "2026-01-01T13:00Z",
  ],
  [
    crontab({ minute: "05", hour: "07" }),
    "2026-01-01T00:00Z",
    "2026-01-01T07:05Z",
  ],
]);

cases("crontab: ranges that wrap go on from the field's first value", "UTC", [
  [crontab({ minute: "50-10/5" }), "2026-01-01T10:50Z", "2026-01-01T10:55Z"],
  [crontab({ minute: "50-10/5" }), "2026-01-01T10:55Z", "2026-01-01T11:00Z"],
  [crontab({ minute: "50-10/5" }), "2026-01-01T11:10Z", "2026-01-01T11:50Z"],
  // 58, 1, 4: the step runs on over the edge.
  [crontab({ minute: "58-5/3" }), "2026-01-01T10:58Z", "2026-01-01T11:01Z"],
  [
    crontab({ minute: 0, hour: "22-2" }),
    "2026-01-01T02:00Z",
    "2026-01-01T22:00Z",
  ],
  [
    crontab({ minute: 0, hour: "22-2" }),
    "2026-01-01T23:00Z",
    "2026-01-02T00:00Z",
  ],
  // Thursday to Friday, then from Monday to Friday.
  [
    crontab({ minute: 0, hour: 0, dayOfWeek: "fri-mon" }),
    "2026-01-01T00:00Z",
    "2026-01-02T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfWeek: "fri-mon" }),
    "2026-01-05T00:00Z",
    "2026-01-09T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: "30-2" }),
    "2026-02-02T00:00Z",
    "2026-03-01T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 1, monthOfYear: "nov-feb" }),
    "2026-02-01T00:00Z",
    "2026-11-01T00:00Z",
  ],
]);

cases("crontab: days and months by name, Sunday is 0", "UTC", [
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "mon-fri" }),
    "2026-01-02T09:00Z",
    "2026-01-05T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: 0 }),
    "2026-01-01T00:00Z",
    "2026-01-04T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "SUN" }),
    "2026-01-04T09:00Z",
    "2026-01-11T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "Wednesday" }),
    "2026-01-01T00:00Z",
    "2026-01-07T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "sun,tuesday" }),
    "2026-01-04T09:00Z",
    "2026-01-06T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: [1, "sat"] }),
    "2026-01-01T00:00Z",
    "2026-01-03T09:00Z",
  ],
  // Sunday, Tuesday, Thursday, Saturday.
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "*/2" }),
    "2026-01-01T09:00Z",
    "2026-01-03T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 9, dayOfWeek: "mon-fri/2" }),
    "2026-01-05T09:00Z",
    "2026-01-07T09:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 1, monthOfYear: "jul" }),
    "2026-01-01T00:00Z",
    "2026-07-01T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 1, monthOfYear: "December" }),
    "2026-12-01T00:00Z",
    "2027-12-01T00:00Z",
  ],
  // January, April, July, October.
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 1, monthOfYear: "*/3" }),
    "2026-01-01T00:00Z",
    "2026-04-01T00:00Z",
  ],
]);

cases("crontab: both day fields must match", "UTC", [
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 13, dayOfWeek: "fri" }),
    "2026-01-01T00:00Z",
    "2026-02-13T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 13, dayOfWeek: "fri" }),
    "2026-03-13T00:00Z",
    "2026-11-13T00:00Z",
  ],
  // The first Monday of a month.
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: "1-7", dayOfWeek: 1 }),
    "2026-01-05T00:00Z",
    "2026-02-02T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: "*/2", dayOfWeek: "sun" }),
    "2026-01-01T00:00Z",
    "2026-01-11T00:00Z",
  ],
  // 1 to 31 is every day, and so adds nothing to the Mondays.
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: "1-31", dayOfWeek: "mon" }),
    "2026-01-01T00:00Z",
    "2026-01-05T00:00Z",
  ],
]);

cases("crontab: months that lack the day are passed over", "UTC", [
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 31 }),
    "2026-01-31T00:00Z",
    "2026-03-31T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 31 }),
    "2026-03-31T00:00Z",
    "2026-05-31T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 30, monthOfYear: "2,4" }),
    "2026-01-01T00:00Z",
    "2026-04-30T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2 }),
    "2026-01-01T00:00Z",
    "2028-02-29T00:00Z",
  ],
  // 1900 and 2100 are no leap years, 2000 is.
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2 }),
    "2096-02-29T00:00Z",
    "2104-02-29T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2 }),
    "1996-02-29T00:00Z",
    "2000-02-29T00:00Z",
  ],
  // The next Thursday that is the 29th of February: 2024, then 28 years on.
  [
    crontab({
      minute: 0,
      hour: 0,
      dayOfMonth: 29,
      monthOfYear: 2,
      dayOfWeek: "thu",
    }),
    "2024-02-29T00:00Z",
    "2052-02-29T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 12, dayOfMonth: "*/31" }),
    "2026-01-01T12:00Z",
    "2026-02-01T12:00Z",
  ],
]);

cases("crontab: its own time zone goes before the app's", "Asia/Tokyo", [
  [crontab({ minute: 0, hour: 9 }), "2026-01-01T00:00Z", "2026-01-02T00:00Z"],
  [
    crontab({ minute: 0, hour: 9, timezone: "Asia/Kolkata" }),
    "2026-01-01T00:00Z",
    "2026-01-01T09:00+05:30",
  ],
  [
    crontab({ minute: 0, timezone: "Asia/Kathmandu" }),
    "2026-01-01T00:00Z",
    "2026-01-01T06:00+05:45",
  ],
  [
    crontab({ minute: 0, hour: 0, timezone: "UTC" }),
    "2026-01-01T08:00+09:00",
    "2026-01-01T00:00Z",
  ],
  [
    crontab({ minute: 0, hour: 0, timezone: "Pacific/Kiritimati" }),
    "2026-01-01T00:00Z",
    "2026-01-02T00:00+14:00",
  ],
]);
