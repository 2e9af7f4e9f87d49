/** What `lovage beat` and `lovage schedule` refuse, and how they say it. */

import { assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const TASKS = new URL("./fixtures/tasks.ts", import.meta.url).pathname;
const APP = ["-A", TASKS];

const add = (...flags: string[]) => [
  "schedule",
  "add",
  "nightly",
  "math.add",
  ...APP,
  ...flags,
];
const edit = (...flags: string[]) => [
  "schedule",
  "edit",
  "nightly",
  ...APP,
  ...flags,
];

/** The command line, the exit code, and what stderr says. */
const CASES: readonly (readonly [string[], number, RegExp])[] = [
  [["beat"], 2, /^Error: No app was named: give .* --app \.\/tasks\.ts/],
  [
    ["beat", ...APP, "--max-intervall", "5"],
    2,
    /^Error: Unknown option "--max-intervall"\. Did you mean --max-interval\?$/,
  ],
  [
    ["beat", ...APP, "--max-interval", "often"],
    2,
    /^Error: --max-interval must be a duration: .*, but it is "often"$/,
  ],
  [
    ["beat", ...APP, "--max-interval", "5ms"],
    2,
    /^Error: --max-interval must be at least 10ms, but it is 5ms$/,
  ],
  [
    ["beat", ...APP, "-l", "loud"],
    2,
    /^Error: --loglevel must be one of trace, .*, but it is "loud"$/,
  ],
  [
    ["beat", ...APP, "-f", "/no/such/place.log"],
    1,
    /^Error: --logfile cannot be written: \/no\/such\/place\.log: /,
  ],
  [
    ["beat", ...APP, "-b", "memory://"],
    78,
    /^Error: The store memory:\/\/ lives in one process: no worker would get what this beat sends\. Use/,
  ],
  [
    ["schedule", "lst"],
    2,
    /^Error: Unknown command "lst"\. Did you mean list\?$/,
  ],
  [
    ["schedule", "list"],
    2,
    /^Error: Neither an app nor a store was named: /,
  ],
  [
    ["schedule", "list", "-b", "sqlite://./q.db"],
    69,
    /^Error: The store sqlite:\/\/\.\/q\.db does not exist: /,
  ],
  [
    ["schedule", "list", ...APP, "--sort", "size"],
    2,
    /^Error: --sort must be one of name, next, but it is "size"$/,
  ],
  [
    ["schedule", "add", "nightly", "math.add", "--every", "5"],
    2,
    /^Error: No app was named: /,
  ],
  [["schedule", "add", "x"], 2, /^Error: Missing required argument "task"$/],
  [
    add(),
    2,
    /^Error: Say when: --cron '.*', --crontab '.*, --every 10m, --at .*, or --solar sunrise --lat 52\.52 --lon 13\.41$/,
  ],
  [
    add("--cron", "@daily", "--every", "5"),
    2,
    /^Error: Give one schedule, not --cron and --every: --cron '/,
  ],
  [
    add("--every", "5", "--lat", "5"),
    2,
    /^Error: --lat and --lon go with --solar$/,
  ],
  [
    add("--cron", "@daily", "--aligned"),
    2,
    /^Error: --aligned goes with --every$/,
  ],
  [
    add("--solar", "sunrise", "--lat", "5"),
    2,
    /^Error: --solar needs the place/,
  ],
  [
    add("--solar", "sunrize", "--lat", "5", "--lon", "5"),
    2,
    /^Error: There is no solar event "sunrize"\. Did you mean "sunrise"\?/,
  ],
  [
    add("--solar", "sunrise", "--lat", "91", "--lon", "5"),
    2,
    /^Error: --lat must be a number -90 to 90, but it is "91"$/,
  ],
  [
    add("--every", "5ms"),
    2,
    /^Error: The period of every\(\) must be between 100ms and 36500d/,
  ],
  [
    add("--at", "tomorrow"),
    2,
    /^Error: --at must be a time in ISO form with its zone, .* "tomorrow"$/,
  ],
  [
    add("--at", "2020-01-01T00:00Z"),
    1,
    /^Error: The schedule entry "nightly" \(once at .*\) has no time to come/,
  ],
  [
    add("--crontab", "0 3 * *"),
    2,
    /^Error: --crontab must be five fields \(minute, .*\), but "0 3 \* \*" has 4$/,
  ],
  [
    add("--every", "5", "--timezone", "berlin"),
    2,
    /^Error: --timezone: There is no time zone "berlin"\. Did you mean "Europe\/Berlin"\?$/,
  ],
  [
    add("--every", "5", "--catch-up", "some"),
    2,
    /^Error: --catch-up must be one of skip, one, all, but it is "some"$/,
  ],
  [
    add("--every", "5", "--catch-up-limit", "0"),
    2,
    /^Error: --catch-up-limit must be a whole number 1 to 10000, but it is "0"$/,
  ],
  [
    add("--every", "5", "--overlap", "wait"),
    2,
    /^Error: --overlap must be one of allow, skip, replace, but it is "wait"$/,
  ],
  [
    add("--every", "5", "--args", "{}"),
    2,
    /^Error: --args must be a JSON array, such as .*, but it is "\{\}"$/,
  ],
  [
    add("--every", "5", "--headers", "[]"),
    2,
    /^Error: --headers must be a JSON object, such as .*, but it is "\[\]"$/,
  ],
  [
    [
      ...add("--every", "5"),
      ...["--start-at", "2031-01-01T00:00Z", "--end-at", "2030-01-01T00:00Z"],
    ],
    2,
    /^Error: --end-at lies before --start-at$/,
  ],
  [
    ["schedule", "add", "", "math.add", ...APP, "--every", "5"],
    2,
    /^Error: A schedule entry needs a name of 1 to 200 characters .* ""$/,
  ],
  [
    ["schedule", "add", "nightly", "math.ad", ...APP, "--every", "5"],
    2,
    /^Error: App "shop" \(.*\) has no task "math\.ad"\. Did you mean "math\.add"\?$/,
  ],
  [
    add("--every", "5", "-b", "memory://"),
    78,
    /^Error: The store memory:\/\/ lives in one process: /,
  ],
  [edit(), 2, /^Error: Say what to change, such as --cron/],
  [
    edit("--unset", "zone"),
    2,
    /^Error: --unset must be of args, kwargs, queue, .*, but it is "zone"$/,
  ],
  [
    edit("--unset", "end-at", "--end-at", "2030-01-01T00:00Z"),
    2,
    /^Error: Give either --end-at or --unset end-at, not both$/,
  ],
  [
    ["schedule", "next", "nightly", ...APP, "-n", "0"],
    2,
    /^Error: --count must be a whole number 1 to 1000, but it is "0"$/,
  ],
  [["schedule", "remove"], 2, /^Error: Missing required argument "names"$/],
];

Deno.test("what will not do is refused with a sentence", async (t) => {
  await using place = new Workplace();
  for (const [args, code, message] of CASES) {
    const words = args.map((arg) => arg.replace(TASKS, "tasks.ts")).join(" ");
    await t.step(words, async () => {
      const ran = await place.bare(...args);
      const said = ran.stderr.replace(/^Made a new store.*\n/, "").trimEnd();
      assertMatch(said, message);
      assertEquals(ran.code, code);
      assertEquals(ran.stdout, "");
      assertEquals(said.split("\n").length, 1);
    });
  }
});

Deno.test("what there is not is named, with what is like it", async () => {
  await using place = new Workplace();
  await place.bare(...add("--every", "1h"));
  const again = await place.bare(...add("--every", "5"));
  assertEquals(again.code, 1);
  assertMatch(
    again.stderr,
    /^Error: There is a schedule entry "nightly" already/,
  );
  for (
    const args of [
      ["show"],
      ["next"],
      ["run-now"],
      ["edit", "--queue", "q"],
      ["edit", "--every", "5"],
    ]
  ) {
    const [verb = "", ...flags] = args;
    const ran = await place.bare("schedule", verb, "nighty", ...flags, ...APP);
    assertEquals([ran.code, ran.stdout], [1, ""]);
    assertEquals(
      ran.stderr,
      'Error: There is no schedule entry "nighty". Did you mean "nightly"?\n',
    );
  }
});

Deno.test("a mistake in an expression is shown below it", async () => {
  await using place = new Workplace();
  const mistakes: readonly (readonly [string[], string])[] = [
    [
      ["--cron", "0 3 * * mon,fry"],
      `Error: The day of the week of the cron expression "0 3 * * mon,fry": fry at position 13 is not a number or a name such as "sun"
  0 3 * * mon,fry
              ^
`,
    ],
    [
      ["--crontab", "0\t3,25  * * *"],
      `Error: The crontab's hour "3,25": 25 at position 3 is not between 0 and 23
  0 3,25  * * *
    ${"  "}^
`,
    ],
    [
      ["--crontab", "0 3 31 feb *"],
      `Error: The crontab's dayOfMonth "31" never comes: no month of "feb" has that day
  0 3 31 feb *
      ^
`,
    ],
    [
      ["--cron", "0 3 * *"],
      `Error: The cron expression "0 3 * *" has 4 fields, but it takes five (minute, hour, day of the month, month, day of the week), or six with the seconds first
  0 3 * *
        ^
`,
    ],
  ];
  for (const [flags, said] of mistakes) {
    for (const command of [add, edit]) {
      const ran = await place.bare(...command(...flags));
      assertEquals([ran.stderr, ran.code], [said, 2]);
    }
  }
  const json = await place.bare(...add("--crontab", "0 3,25 * * *", "--json"));
  assertEquals(JSON.parse(json.stderr), {
    error:
      'The crontab\'s hour "3,25": 25 at position 3 is not between 0 and 23',
    exitCode: 2,
    position: 5,
  });
});

Deno.test("a task of another app is not sent by run-now", async () => {
  await using place = new Workplace();
  await place.bare(...add("--every", "1h"));
  const ignoring = new URL("./fixtures/ignoring.ts", import.meta.url).pathname;
  const ran = await place.bare(
    ...["schedule", "run-now", "nightly", "-A", ignoring],
    ...["-b", "sqlite://./q.db"],
  );
  assertEquals(ran.code, 2);
  assertMatch(ran.stderr, /^Error: App .* has no task "math\.add"\./);
  await place.bare(
    ...["schedule", "add", "chatter", "chat", "--every", "1h", "-A", ignoring],
    ...["-b", "sqlite://./q.db"],
  );
  const waits = await place.bare(
    ...["schedule", "run-now", "chatter", "--wait", "-A", ignoring],
    ...["-b", "sqlite://./q.db"],
  );
  assertEquals(waits.code, 2);
  assertMatch(
    waits.stderr,
    /ignores its results, so there is nothing to --wait/,
  );
});
