/** `lovage schedule`: each of its commands, in processes of their own. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { type Ran, Workplace } from "./fixtures/processes.ts";

const BROKER = ["--broker", "sqlite://./q.db"];

/** A place with an app, and `lovage schedule` over it. */
class Office extends Workplace {
  readonly app: string = ownApp(
    this,
    `{ brokerUrl: "sqlite://./q.db", timezone: "Europe/Berlin" }`,
  );

  /** Runs a command that must do what it is asked to. */
  async schedule(...args: string[]): Promise<string> {
    const ran = await this.tried(...args);
    assertEquals(ran.code, 0, ran.stderr);
    return ran.stdout;
  }

  /** The same as JSON. */
  async json(...args: string[]) {
    return JSON.parse(await this.schedule(...args, "--json"));
  }

  /** Runs a command that may refuse. */
  tried(...args: string[]): Promise<Ran> {
    return this.bare("schedule", ...args, "--app", this.app);
  }

  /** Writes what no version of Lovage has written. */
  async spoil(name: string, body: string): Promise<void> {
    const store = sqliteStore({ path: this.file("q.db") });
    await store.open();
    await store.scheduler.put([{ name, body, dueAt: null }]);
    await store.close();
  }
}

const NIGHTLY = ["add", "nightly", "math.add", "-a", "[1, 2]"];

Deno.test("add writes an entry with all that is said of it; show tells it", async () => {
  await using office = new Office();
  const added = await office.tried(
    ...NIGHTLY,
    ...["--cron", "0 3 * * *", "--timezone", "America/New_York"],
    ...["-k", '{"carry": 1}', "--queue", "math", "--priority", "2"],
    ...["--expires", "1h", "--countdown", "5", "--headers", '{"team": "a"}'],
    ...["--start-at", "2090-01-01T00:00Z", "--end-at", "2091-01-01T00:00Z"],
    ...["--catch-up", "all", "--catch-up-limit", "7", "--overlap", "skip"],
    ...["--description", "sums up"],
  );
  assertMatch(added.stderr, /^Made a new store, \/.*q\.db$/m);
  assertMatch(
    added.stderr,
    /^No beat leads, so nothing is sent until one does/m,
  );
  assertMatch(
    added.stdout,
    /^Added nightly \(0 3 \* \* \*, America\/New_York\); next run: 2090-01-01T08:00:00\.000Z \(in \d+d \d+h\)$/m,
  );
  const text = await office.schedule("show", "nightly");
  for (
    const line of [
      /^description +sums up$/m,
      /^task +math\.add$/m,
      /^args +\[1,2\]$/m,
      /^kwargs +\{"carry":1\}$/m,
      /^schedule +0 3 \* \* \* \(cron\)$/m,
      /^zone +America\/New_York$/m,
      /^written in +the store$/m,
      /^enabled +yes$/m,
      /^not before +2090-01-01T00:00:00\.000Z \(in /m,
      /^catch-up +all, 7 at most$/m,
      /^overlap +skip$/m,
      /^times +Sun 2090-01-01 03:00:00 -05:00$/m,
      /^ +Tue 2090-01-03 03:00:00 -05:00$/m,
      /^last run +never$/m,
      /^history +0 runs, 0 left out for an overlap, 0 missed$/m,
    ]
  ) assertMatch(text, line);
  const shown = await office.json("show", "nightly");
  assertEquals(shown.options, {
    queue: "math",
    priority: 2,
    expires: "3600000ms",
    countdown: "5000ms",
    headers: { team: "a" },
  });
  assertEquals(
    [shown.problem, shown.nextRunAt, shown.next.length, shown.endAt],
    [null, "2090-01-01T08:00:00.000Z", 3, "2091-01-01T00:00:00.000Z"],
  );
});

Deno.test("each kind of schedule can be added", async () => {
  await using office = new Office();
  const kinds: readonly (readonly [string, string[], string])[] = [
    ["cron", ["--cron", "@daily"], "@daily"],
    ["crontab", ["--crontab", "0  7 * * mon-fri"], "0 7 * * mon-fri"],
    ["every", ["--every", "90"], "every 90s"],
    ["hours", ["--every", "1h", "--aligned"], "every 1h, aligned"],
    ["once", ["--at", "2090-05-01T08:00:00Z"], "once at 2090-05-01T08:00:00Z"],
    [
      "sun",
      ["--solar", "sunset", "--lat", "-33.87", "--lon", "151.21"],
      "sunset at -33.87, 151.21",
    ],
  ];
  for (const [name, flags, when] of kinds) {
    const added = await office.json("add", name, "math.add", ...flags);
    assertEquals(
      [added.name, added.when, added.timezone],
      [name, when, "Europe/Berlin"],
    );
  }
  const { entries } = await office.json("list");
  assertEquals(
    entries.map((each: { name: string }) => each.name),
    ["cron", "crontab", "every", "hours", "once", "sun"],
  );
});

Deno.test("edit changes what is given and nothing else", async () => {
  await using office = new Office();
  await office.schedule(
    ...NIGHTLY,
    ...["--cron", "0 3 * * *", "--queue", "math", "--priority", "2"],
    ...["--one-off", "--description", "sums up"],
  );
  const edited = await office.json(
    ...["edit", "nightly", "--priority", "1", "--overlap", "replace"],
  );
  assertEquals(edited.options, { queue: "math", priority: 1 });
  assertEquals(
    [edited.when, edited.overlap, edited.oneOff, edited.description],
    ["0 3 * * *", "replace", true, "sums up"],
  );
  assertEquals(edited.args, [1, 2]);
  const again = await office.json(
    ...["edit", "nightly", "--every", "10m", "--disabled"],
    ...["--unset", "queue,one-off,args", "--unset", "description"],
  );
  assertEquals(
    [again.when, again.options, again.args, again.oneOff, again.description],
    ["every 10m", { priority: 1 }, [], false, ""],
  );
  assertEquals([again.enabled, again.nextRunAt], [false, null]);
  const text = await office.schedule("edit", "nightly", "--task", "math.add");
  assertEquals(
    text,
    "Changed nightly (every 10m, Europe/Berlin); next run: not while it is disabled\n",
  );
});

Deno.test("list shows all entries, also those that cannot be sent", async () => {
  await using office = new Office();
  await office.schedule(...NIGHTLY, "--at", "2090-01-01T00:00:00Z");
  await office.schedule(
    ...["add", "early", "math.add", "--at", "2080-01-01T00:00:00Z"],
  );
  await office.spoil("broken", "{");
  const body = JSON.stringify({
    ...{ v: 1, signature: { task: "math.ad", args: [] }, anchor: 0 },
    ...{ schedule: { kind: "interval", every: 60_000 }, timezone: "UTC" },
  });
  await office.spoil("other", body);
  await office.spoil("mars", body.replace("UTC", "Mars/Base"));
  await office.spoil(
    "never",
    body.replace('"anchor"', '"startAt":"x","anchor"'),
  );

  const text = await office.schedule("list");
  assertMatch(
    text,
    /^NAME +SCHEDULE +ZONE +TASK +ENABLED +RUNS +LAST RUN +NEXT RUN$/m,
  );
  assertMatch(
    text,
    /^nightly +once at 2090-01-01T00:00:00Z +Europe\/Berlin +math\.add +yes +0 +- +2090-01-01T00:00:00\.000Z \(in \d+d/m,
  );
  assertMatch(text, /^broken +- .* cannot be read$/m);
  assertMatch(text, /^never +- .* cannot be read$/m);
  assertMatch(text, /^6 entries\. No beat leads, so nothing is sent/m);
  assertMatch(
    text,
    /^Warning: The schedule entry "broken" cannot be read: it is not JSON/m,
  );
  assertMatch(text, /^Warning: The schedule entry "never" cannot be shown: /m);
  assertMatch(
    text,
    /^Warning: The schedule entry "other" names the task "math\.ad", which app "own" does not have\. Did you mean "math\.add"\?$/m,
  );
  assertMatch(
    text,
    /^Warning: The schedule entry "mars" .*: There is no time zone "Mars\/Base"/m,
  );
  const byNext = await office.json("list", "--sort", "next");
  assertEquals(
    byNext.entries.slice(0, 2).map((each: { name: string }) => each.name),
    ["early", "nightly"],
  );
  assertEquals(byNext.leader, null);
  const [broken] = (await office.json("list")).entries;
  assertMatch(broken.problem, /"broken" cannot be read: it is not JSON/);

  // A store alone does not know which tasks there are.
  const bare = await office.bare("schedule", "list", ...BROKER);
  assert(!bare.stdout.includes("does not have"), bare.stdout);
  const shown = await office.schedule("show", "broken");
  assertMatch(shown, /^problem +The schedule entry "broken" cannot be read/m);
  assertMatch(shown, /^stored +\{$/m);
  assertEquals((await office.json("show", "broken")).body, "{");
  const removed = await office.json("remove", "-f", "broken", "mars");
  assertEquals(removed, { removed: ["broken", "mars"] });
});

Deno.test("an empty schedule is no mistake", async () => {
  await using office = new Office();
  await office.spoil("only", "{");
  await office.schedule("remove", "only", "--force");
  assertMatch(
    await office.schedule("list"),
    /^No schedule entries; those of an app's code are stored when beat starts\n\nNo beat leads, so nothing is sent \(/,
  );
});

Deno.test("disable and enable switch entries, of the code as well", async () => {
  await using office = new Office();
  const app = ownApp(
    office,
    `{ brokerUrl: "sqlite://./q.db", beatSchedule: { tick: { task: "math.add", schedule: "@yearly" } } }`,
  );
  await office.schedule(...NIGHTLY, "--every", "1h");
  const beat = office.launch("beat", "--app", app);
  await beat.line(/is ready/);
  const off = await office.schedule("disable", "tick", "nightly", "tick");
  assertMatch(off, /^NAME +OUTCOME\ntick +disabled\nnightly +disabled\n$/);
  const on = await office.schedule("enable", "tick");
  assertMatch(
    on,
    /^tick +enabled; due next at \d{4}-01-01T00:00:00\.000Z \(in/m,
  );
  const json = await office.json("enable", "nightly");
  assertEquals(
    [json[0].name, json[0].enabled, json[0].error],
    ["nightly", true, null],
  );
  const missing = await office.tried("disable", "tick", "nighty");
  assertEquals([missing.code, missing.stdout], [1, ""]);
  assertEquals(
    missing.stderr,
    'Error: There is no schedule entry "nighty"; nothing was done. Did you mean "nightly"?\n',
  );
  const refused = await office.tried("edit", "tick", "--every", "5");
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /is written in the code of app "own"/);
  const removed = await office.tried("remove", "tick", "-f");
  assertEquals(removed.code, 1);
  assertMatch(
    removed.stderr,
    /written in the code of app "own".*: remove it there/,
  );
});

Deno.test("one entry that cannot be enabled does not keep the others from it", async () => {
  await using office = new Office();
  await office.schedule(...NIGHTLY, "--every", "1h", "--disabled");
  await office.spoil("broken", "{");
  const ran = await office.tried("enable", "broken", "nightly");
  assertEquals(ran.code, 1);
  assertMatch(
    ran.stdout,
    /^broken +The schedule entry "broken" cannot be read/m,
  );
  assertMatch(ran.stdout, /^nightly +enabled; due next at /m);
});

Deno.test("next shows the coming times by the entry's clock and by this one's", async () => {
  await using office = new Office();
  await office.schedule(
    ...NIGHTLY,
    ...["--cron", "30 2 * * *", "--timezone", "Europe/Berlin"],
  );
  const after = ["--after", "2026-03-28T00:00:00Z"];
  const text = await office.schedule("next", "nightly", "-n", "3", ...after);
  const lines = text.trimEnd().split("\n");
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  assertMatch(lines[0] ?? "", /^Europe\/Berlin {2,}local \(.+\)$/);
  assert(lines[0]?.endsWith(`(${zone})`));
  // The second one falls into the hour that falls out.
  assertEquals(lines.slice(1).map((line) => line.slice(0, 30)), [
    "Sat 2026-03-28 02:30:00 +01:00",
    "Sun 2026-03-29 03:00:00 +02:00",
    "Mon 2026-03-30 02:30:00 +02:00",
  ]);
  const json = await office.json("next", "nightly", "-n", "1", ...after);
  assertEquals(
    [json.timezone, json.enabled, json.times[0].at, json.times[0].zoned],
    [
      "Europe/Berlin",
      true,
      "2026-03-28T01:30:00.000Z",
      "Sat 2026-03-28 02:30:00 +01:00",
    ],
  );
  assertEquals((await office.json("next", "nightly")).times.length, 10);
  await office.schedule("disable", "nightly");
  const off = await office.tried("next", "nightly", "-n", "1");
  assertMatch(off.stderr, /^It is disabled: it is not sent until/);
  assertEquals(off.stdout.trimEnd().split("\n").length, 2);
});

Deno.test("a one-off that was sent is never due again", async () => {
  await using office = new Office();
  await office.schedule(...NIGHTLY, "--every", "100ms", "--one-off");
  const beat = office.launch("beat", "--app", office.app);
  await beat.line(/Sent nightly@/);
  assertEquals(
    await office.schedule("next", "nightly"),
    'The schedule entry "nightly" is never due again\n',
  );
  const text = await office.schedule("show", "nightly");
  assertMatch(text, /^next run +never again$/m);
  assertMatch(text, /^last task +nightly@\d{4}-/m);
  assertMatch(text, /^history +1 run, /m);
  const list = await office.schedule("list");
  assertMatch(list, /^nightly .* yes +1 +(now|\d+s ago) +never again$/m);
  assertMatch(
    await office.schedule("disable", "nightly"),
    /^nightly +disabled$/m,
  );
});

Deno.test("run-now sends the task at once, and waits for it if asked to", async () => {
  await using office = new Office();
  await office.schedule(...NIGHTLY, "--at", "2090-01-01T00:00:00Z");
  const id = (await office.schedule("run-now", "nightly")).trim();
  assertMatch(id, /^[\da-f-]{36}$/);
  const json = await office.json("run-now", "nightly");
  assertEquals([json.task, json.entry], ["math.add", "nightly"]);
  const late = await office.tried("run-now", "nightly", "--wait", "10ms");
  assertEquals(late.code, 3);
  assertMatch(late.stderr, /has not ended within 10 ms/);

  const worker = office.launch("worker", "--app", office.app, "-P", "async");
  await worker.line(/is ready/);
  const waited = await office.tried("run-now", "nightly", "--wait", "20s");
  assertEquals([waited.code, waited.stdout], [0, "3\n"]);
  assertMatch(waited.stderr, /^Sent math\.add as [\da-f-]{36}; waiting$/m);
  const done = await office.bare("result", id, "--wait", "20s", ...BROKER);
  assertMatch(done.stdout, /^result +3$/m);
  // Its schedule is as it was.
  const { nextRunAt, totalRuns } = await office.json("show", "nightly");
  assertEquals([nextRunAt, totalRuns], ["2090-01-01T00:00:00.000Z", 0]);
});

Deno.test("remove asks before it removes", async () => {
  await using office = new Office();
  await office.schedule(...NIGHTLY, "--every", "1h");
  const refused = await office.tried("remove", "nightly");
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertMatch(
    refused.stderr,
    /^Error: This removes 1 schedule entry for good \(nightly\)\. Nobody can be asked here/,
  );
  assertEquals(
    await office.schedule("remove", "nightly", "-f"),
    "Removed nightly\n",
  );
  const gone = await office.tried("show", "nightly");
  assertEquals(gone.code, 1);
  assertMatch(gone.stderr, /^Error: There is no schedule entry "nightly"\./);
});
