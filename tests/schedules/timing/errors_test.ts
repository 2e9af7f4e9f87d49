import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { inZone } from "./_cases.ts";
import { clocked } from "../../../src/schedules/timing/clocked.ts";
import { cron } from "../../../src/schedules/timing/cron.ts";
import { crontab } from "../../../src/schedules/timing/crontab.ts";
import type { CrontabOptions } from "../../../src/schedules/timing/crontab.ts";
import { every } from "../../../src/schedules/timing/interval.ts";
import { solar } from "../../../src/schedules/timing/solar.ts";
import { ScheduleError } from "../../../src/errors.ts";

/** Tests that building fails, with which words, and at which position. */
function refuses(
  build: () => unknown,
  message: string,
  position?: number,
): void {
  const error = assertThrows(build, ScheduleError);
  assertEquals(error.message, message);
  assertEquals(error.position, position);
}

Deno.test("crontab: a mistake in a field is named with its position", () => {
  for (
    const [options, message, position] of [
      [
        { minute: "0,75" },
        '"0,75": 75 at position 3 is not between 0 and 59',
        3,
      ],
      [
        { minute: [0, 75] },
        '"0,75": 75 at position 3 is not between 0 and 59',
        3,
      ],
      [
        { minute: "0, 75" },
        '"0, 75": 75 at position 4 is not between 0 and 59',
        4,
      ],
      [{ minute: 60 }, '"60": 60 at position 1 is not between 0 and 59', 1],
      [{ hour: "8-24" }, '"8-24": 24 at position 3 is not between 0 and 23', 3],
      [{ dayOfMonth: 0 }, '"0": 0 at position 1 is not between 1 and 31', 1],
      [
        { monthOfYear: 13 },
        '"13": 13 at position 1 is not between 1 and 12',
        1,
      ],
      [
        { dayOfWeek: "5,7" },
        '"5,7": 7 at position 3 is not between 0 and 6; write 0 for Sunday',
        3,
      ],
      [
        { dayOfWeek: "fri-7" },
        '"fri-7": 7 at position 5 is not between 0 and 6; write 0 for Sunday',
        5,
      ],
      [
        { minute: "5/15" },
        '"5/15": "5/15" at position 1 has a step, which takes a range; write 5-59/15',
        1,
      ],
      [
        { minute: "1,/5" },
        '"1,/5": "/5" at position 3 has a step of nothing; write */5',
        3,
      ],
      [{ dayOfMonth: "L" }, '"L": L at position 1 is not a number', 1],
      [{ minute: "?" }, '"?": "?" at position 1 is not a number', 1],
      [{ minute: "1-" }, '"1-": a value is missing at position 2', 2],
      [{ minute: "1,,2" }, '"1,,2": a value is missing at position 3', 3],
      [{ minute: "1," }, '"1,": a value is missing at position 2', 2],
      [{ minute: -1 }, '"-1": a value is missing at position 1', 1],
      [{ minute: "*/" }, '"*/": a value is missing at position 2', 2],
      [
        { minute: "*/0" },
        '"*/0": 0 at position 3 is not a step between 1 and 60',
        3,
      ],
      [
        { minute: "*/90" },
        '"*/90": 90 at position 3 is not a step between 1 and 60; every() takes any period',
        3,
      ],
      [{ minute: "1-2-3" }, '"1-2-3": "1-2-3" at position 1 is not a range', 1],
      [{ minute: "1 2" }, '"1 2": "1 2" at position 1 is not a number', 1],
      [{ minute: 1.5 }, '"1.5": "1.5" at position 1 is not a number', 1],
      [{ minute: NaN }, '"NaN": NaN at position 1 is not a number', 1],
      [{ minute: "" }, '"": a value is missing at position 1', 1],
      [{ minute: [] }, '"": a value is missing at position 1', 1],
      [
        { dayOfWeek: "mon,mon#1" },
        '"mon,mon#1": "mon#1" at position 5 is not a number or a name such as "sun"',
        5,
      ],
      [
        { monthOfYear: "janu" },
        '"janu": janu at position 1 is not a number or a name such as "jan"',
        1,
      ],
      [{ hour: "mon" }, '"mon": mon at position 1 is not a number', 1],
    ] as [CrontabOptions, string, number][]
  ) {
    const [field] = Object.keys(options);
    refuses(
      () => crontab(options),
      `The crontab's ${field} ${message}`,
      position,
    );
  }
});

Deno.test("crontab: a day that never comes is refused", () => {
  refuses(
    () => crontab({ dayOfMonth: 30, monthOfYear: "feb" }),
    `The crontab's dayOfMonth "30" never comes: no month of "feb" has that day`,
    1,
  );
  refuses(
    () => crontab({ dayOfMonth: 31, monthOfYear: [4, 6, 9, 11], dayOfWeek: 1 }),
    `The crontab's dayOfMonth "31" never comes: no month of "4,6,9,11" has that day`,
    1,
  );
});

Deno.test("cron: a mistake is named with its position in the whole expression", () => {
  for (
    const [expression, message, position] of [
      ["0 75 * * *", "hour: 75 at position 3 is not between 0 and 23", 3],
      ["  0   75 * * *", "hour: 75 at position 7 is not between 0 and 23", 7],
      [
        "0 0 0 32 * *",
        "day of the month: 32 at position 7 is not between 1 and 31",
        7,
      ],
      ["61 * * * * *", "second: 61 at position 1 is not between 0 and 59", 1],
      [
        "0 0 1 jan,foo *",
        'month: foo at position 11 is not a number or a name such as "jan"',
        11,
      ],
      [
        "0 0 * * 8",
        "day of the week: 8 at position 9 is not between 0 and 7",
        9,
      ],
      [
        "0 0 * * fri-mon",
        'day of the week: "fri-mon" at position 9 runs backwards; write fri-6,0-mon',
        9,
      ],
      [
        "0 22-6 * * *",
        'hour: "22-6" at position 3 runs backwards; write 22-23,0-6',
        3,
      ],
      [
        "5/15 * * * *",
        'minute: "5/15" at position 1 has a step, which takes a range; write 5-59/15',
        1,
      ],
      [
        "*/61 * * * *",
        "minute: 61 at position 3 is not a step between 1 and 60; every() takes any period",
        3,
      ],
      ["? * * * *", 'minute: "?" at position 1 is not a number', 1],
      [
        "0 0 1,LW * *",
        "day of the month: LW at position 7 cannot be in a list",
        7,
      ],
      [
        "0 0 W * *",
        "day of the month: W at position 5 needs a day before it, such as 15W",
        5,
      ],
      [
        "0 0 32W * *",
        "day of the month: 32 at position 5 is not between 1 and 31",
        5,
      ],
      ["0 0 L-3 * *", "day of the month: L at position 5 is not a number", 5],
      [
        "0 0 1-5W * *",
        'day of the month: "1-5" at position 5 is not a number',
        5,
      ],
      [
        "0 0 * * L",
        "day of the week: L at position 9 needs a day before it, such as friL",
        9,
      ],
      [
        "0 0 * * fri#6",
        "day of the week: 6 at position 13 is not between 1 and 5, or L for the last",
        13,
      ],
      [
        "0 0 * * fri#",
        "day of the week: a value is missing at position 12",
        12,
      ],
      [
        "0 0 * * */2#1",
        'day of the week: "*/2#1" at position 9 must be a day or a range before # and L',
        9,
      ],
      [
        "0 0 1 * +mon",
        'day of the week: "+mon" at position 9 begins with a plus; crontab() is where both day fields must match',
        9,
      ],
    ] as const
  ) {
    const [field = "", ...rest] = message.split(":");
    refuses(
      () => cron(expression),
      `The ${field} of the cron expression "${expression}":${rest.join(":")}`,
      position,
    );
  }
});

Deno.test("cron: a wrong number of fields is refused", () => {
  const wanted = "but it takes five (minute, hour, day of the month, month, " +
    "day of the week), or six with the seconds first";
  for (
    const [expression, count, position] of [
      ["", "0 fields", 1],
      ["*", "1 field", 1],
      ["* * * *", "4 fields", 7],
      ["0 0 0 1 1 * 2027", "7 fields", 13],
    ] as const
  ) {
    refuses(
      () => cron(expression),
      `The cron expression "${expression}" has ${count}, ${wanted}`,
      position,
    );
  }
});

Deno.test("cron: unknown names are refused", () => {
  refuses(
    () => cron("@reboot"),
    "@reboot is no time: send the task where the program starts",
    1,
  );
  refuses(
    () => cron(" @dayly"),
    'There is no cron expression "@dayly". Did you mean "@daily"?',
    2,
  );
  refuses(
    () => cron("@fortnight soon"),
    'There is no cron expression "@fortnight soon". Those by name are: @yearly, ' +
      "@annually, @monthly, @weekly, @daily, @midnight, @hourly",
    1,
  );
  refuses(
    () => cron(5 as never),
    "A cron expression must be a text, but it is 5",
  );
});

Deno.test("cron: a day that never comes is refused, unless a day of the week will do", () => {
  for (
    const [expression, month, day] of [
      ["0 0 30 2 *", "2", "30"],
      ["0 0 31 feb,4,jun *", "feb,4,jun", "31"],
      ["0 0 31W 2 ?", "2", "31W"],
    ] as const
  ) {
    refuses(
      () => cron(expression),
      `The day of the month of the cron expression "${expression}" never ` +
        `comes: no month of "${month}" has "${day}"`,
      5,
    );
  }
  cron("0 0 30 2 mon");
});

Deno.test("time zones: what is none is refused, with the one that was meant", () => {
  const example =
    'Name one of the IANA database, such as "Europe/Berlin" or "UTC"';
  for (
    const [timezone, hint] of [
      ["Europe/Berln", 'Did you mean "Europe/Berlin"?'],
      ["Berlin", 'Did you mean "Europe/Berlin"?'],
      ["new york", 'Did you mean "America/New_York"?'],
      ["Somewhere/Beyond/The_Seven_Mountains", example],
      ["+02:00", example],
      ["", example],
      [5, example],
    ] as const
  ) {
    const message = `There is no time zone ${
      JSON.stringify(timezone)
    }. ${hint}`;
    refuses(() => crontab({ timezone: timezone as string }), message);
    refuses(() => cron("@daily", { timezone: timezone as string }), message);
    refuses(() => inZone(cron("@daily"), timezone as string), message);
  }
});

Deno.test("every: periods that are none, too short or too long are refused", () => {
  const between =
    "The period of every() must be between 100ms and 36500d, but it is";
  refuses(() => every(0.05), `${between} 50ms`);
  refuses(() => every("0s"), `${between} 0ms`);
  refuses(() => every("40000d"), `${between} 40000d`);
  refuses(
    () => every("soon" as "1s"),
    "The period of every() must be a duration (seconds as a number, or text " +
      'such as "250ms", "30s", "5m", "2h", "1d"), but it is "soon"',
  );
});

Deno.test("clocked: what is no point in time is refused", () => {
  refuses(
    () => clocked("tomorrow"),
    "The time of clocked() must be a point in time (a Date, a Temporal.Instant, " +
      'or ISO text with a zone such as "2026-05-01T08:00:00Z"), but it is "tomorrow"',
  );
});

Deno.test("solar: unknown events and places are refused", () => {
  const events =
    "The events are: dawnAstronomical, dawnNautical, dawnCivil, sunrise, " +
    "solarNoon, sunset, duskCivil, duskNautical, duskAstronomical";
  refuses(
    () => solar("sunrize" as "sunrise", 0, 0),
    `There is no solar event "sunrize". Did you mean "sunrise"? ${events}`,
  );
  refuses(
    () => solar("dusk_civil" as "sunrise", 0, 0),
    `There is no solar event "dusk_civil". Did you mean "duskCivil"? ${events}`,
  );
  refuses(
    () => solar("x" as "sunrise", 0, 0),
    `There is no solar event "x". ${events}`,
  );
  const degrees = "must be a number of degrees from";
  refuses(
    () => solar("sunset", 90.1, 0),
    `The latitude of solar() ${degrees} -90 to 90, but it is 90.1`,
  );
  refuses(
    () => solar("sunset", 0, -181),
    `The longitude of solar() ${degrees} -180 to 180, but it is -181`,
  );
  refuses(
    () => solar("sunset", NaN, 0),
    `The latitude of solar() ${degrees} -90 to 90, but it is NaN`,
  );
});

Deno.test("builders: unknown options and wrong types are refused", () => {
  refuses(
    () => crontab({ mintue: 5 } as CrontabOptions),
    'Unknown option "mintue" of crontab(). Did you mean "minute"?',
  );
  refuses(
    () => crontab({ minute: true } as never),
    'Option "minute" of crontab() must be a number, a text, or an array of these, but it is true',
  );
  refuses(
    () => every("1h", { aligned: "yes" } as never),
    'Option "aligned" of every() must be true or false, but it is "yes"',
  );
  refuses(
    () => cron("@daily", "UTC" as never),
    "The options of cron() must be an object",
  );
});

const scraps = fc.array(
  fc.constantFrom(
    ..."0 1 7 59 100 * / - , # ? L W LW mon fri jan + x @".split(" "),
  ),
  { maxLength: 5 },
).map((parts) => parts.join(""));

/** Tests that a text is either refused by its position or can be evaluated. */
function isJudged(text: string, build: () => ReturnType<typeof cron>): void {
  let spec;
  try {
    spec = build();
  } catch (error) {
    assert(error instanceof ScheduleError, String(error));
    const { position = NaN, message } = error;
    assert(position >= 1 && position <= Math.max(1, text.length), message);
    assert(
      !message.includes("CronPattern") && error.cause === undefined,
      message,
    );
    return;
  }
  assert(inZone(spec).next(0) !== null, `${text} never comes`);
}

Deno.test("crontab: any text is refused with a position in it, or comes", () => {
  const fields = fc.constantFrom(
    "minute" as const,
    "hour",
    "dayOfMonth",
    "monthOfYear",
    "dayOfWeek",
  );
  fc.assert(
    fc.property(fields, fc.oneof(scraps, fc.string()), (field, text) => {
      isJudged(text, () => crontab({ [field]: text }));
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("cron: any text is refused with a position in it, or comes", () => {
  const field = fc.oneof({ weight: 4, arbitrary: fc.constant("*") }, scraps);
  const fields = fc.array(field, { minLength: 4, maxLength: 7 })
    .map((parts) => parts.join(" "));
  fc.assert(
    fc.property(
      fc.oneof({ weight: 9, arbitrary: fields }, fc.string()),
      (text) => {
        isJudged(text, () => cron(text));
      },
    ),
    { numRuns: 3_000 },
  );
});
