import { assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const fixture = (name: string): string =>
  new URL(`./fixtures/${name}`, import.meta.url).pathname;
const TASKS = fixture("tasks.ts");

/** The command line, the exit code, and what stderr says. */
const CASES: readonly (readonly [string[], number, RegExp])[] = [
  [["wroker"], 2, /^Error: Unknown command "wroker"\. Did you mean worker\?$/],
  [
    ["worker", "--concurency", "4"],
    2,
    /^Error: Unknown option "--concurency"\. Did you mean --concurrency\?$/,
  ],
  [["worker", "-c"], 2, /^Error: --concurrency needs a value$/],
  [["worker"], 2, /^Error: No app was named: give .* --app \.\/tasks\.ts/],
  [
    ["worker", "-A", fixture("task.ts")],
    78,
    /^Error: There is no module .*task\.ts \(looked for .*\)\. Did you mean "tasks\.ts"\?$/,
  ],
  [["worker", "-A", "."], 78, /^Error: \. is a directory \(.*\)\. Give/],
  [
    ["worker", "-A", fixture("no_app.ts")],
    78,
    /no_app\.ts exports no app\. Write: export const app = new Lovage/,
  ],
  [
    ["worker", "-A", fixture("throws.ts")],
    78,
    /throws\.ts cannot be loaded: TypeError: Cannot read .* \(at file:.*throws\.ts:2:\d+\)$/,
  ],
  [
    ["worker", "-A", fixture("other_version.ts")],
    78,
    /exports an app of another version of @lovage\/lovage: .* the same version$/,
  ],
  [
    ["worker", "-A", TASKS, "-c", "zero"],
    2,
    /^Error: --concurrency must be a whole number of at least 1, but it is "zero"$/,
  ],
  [
    ["worker", "-A", TASKS, "--time-limit", "5parsecs"],
    2,
    /^Error: --time-limit must be a duration: .*, but it is "5parsecs"$/,
  ],
  [
    ["worker", "-A", TASKS, "--soft-time-limit", "10", "--time-limit", "5"],
    2,
    /^Error: --soft-time-limit \(10s\) must be shorter than --time-limit \(5s\)/,
  ],
  [
    ["worker", "-A", TASKS, "-P", "prefork"],
    2,
    /^Error: --pool must be one of isolate, async, but it is "prefork"$/,
  ],
  [
    ["worker", "-A", TASKS, "-l", "loud"],
    2,
    /^Error: --loglevel must be one of trace, .*, but it is "loud"$/,
  ],
  [
    ["worker", "-A", TASKS, "-X", "default"],
    2,
    /^Error: The worker would serve no queue/,
  ],
  [
    ["worker", "-A", TASKS, "--max-memory-per-child", "lots"],
    2,
    /^Error: --max-memory-per-child must be memory in KiB .* "lots"$/,
  ],
  [
    ["worker", "-A", TASKS, "-f", "/no/such/place.log"],
    1,
    /^Error: --logfile cannot be written: \/no\/such\/place\.log: /,
  ],
  [
    ["worker", "-A", TASKS, "-b", "sqlit://./q.db"],
    78,
    /^Error: No store speaks "sqlit:\/\/".* Did you mean sqlite:\/\/\?$/,
  ],
  [
    ["worker", "-A", TASKS, "--result-backend", "sqlite:q.db"],
    78,
    /^Error: "sqlite:q\.db" is not the URL of a SQLite store\. Write sqlite:\/\/q\.db$/,
  ],
  [
    ["worker", "-A", TASKS, "-b", "memory://"],
    78,
    /^Error: The store memory:\/\/ lives in one process: no other process can send/,
  ],
  [
    ["status", "-b", "sqlit://./q.db"],
    78,
    /^Error: No store speaks "sqlit:\/\/"/,
  ],
  [
    ["call", "math.add", "-b", "sqlite:q.db"],
    78,
    /^Error: "sqlite:q\.db" is not the URL of a SQLite store\. Write/,
  ],
  [
    ["status", "-b", "sqlite://./q.db?synchronus=FULL"],
    78,
    /^Error: Unknown parameter "synchronus" of a sqlite:\/\/ URL\. Did you mean/,
  ],
  [
    ["call", "chat", "-A", fixture("ignoring.ts"), "--wait"],
    2,
    /^Error: Task "chat" ignores its results, so there is nothing to --wait for/,
  ],
  [
    ["worker", "-A", TASKS, "-q", "-b", "sqlite://./no/such/q.db"],
    69,
    /^Error: The directory .* does not exist: make it or give another path$/,
  ],
  [["call"], 2, /^Error: Missing required argument "task"$/],
  [
    ["call", "math.ad", "-A", TASKS],
    2,
    /^Error: App "shop" \(.*\) has no task "math\.ad"\. Did you mean "math\.add"\?$/,
  ],
  [
    ["call", "unlike.any", "-A", TASKS],
    2,
    /Its tasks are: billing\.charge, chat, hold, math\.add, rich\. For a task of another app/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "-a", "[1,"],
    2,
    /^Error: --args must be a JSON array, such as .*, but it is "\[1,"$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "-k", "[1]"],
    2,
    /^Error: --kwargs must be a JSON object, such as .*, but it is "\[1\]"$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--countdown", "soon"],
    2,
    /^Error: --countdown must be a duration: .*, but it is "soon"$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--eta", "2026-05-01T08:00"],
    2,
    /^Error: --eta must be a time in ISO form with its zone, .*, but it is/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--expires", "never"],
    2,
    /^Error: --expires must be a duration: .* or a time .* "never"$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--unique-for", "5m"],
    2,
    /^Error: --unique-for and --on-conflict are about .*: give it with --unique$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--unique", "k", "--on-conflict", "wait"],
    2,
    /^Error: --on-conflict must be one of skip, replace, keepLast, but it is "wait"$/,
  ],
  [
    ["call", "math.add", "-A", TASKS, "--priority", "10"],
    2,
    /^Error: --priority must be a whole number 0 to 9, but it is "10"$/,
  ],
  [
    [
      "call",
      "math.add",
      "-A",
      TASKS,
      "--countdown",
      "1",
      "--eta",
      "2030-01-01T00:00Z",
    ],
    2,
    /^Error: Give either --countdown or --eta, not both$/,
  ],
  [
    ["call", "math.add", "-b", "memory://"],
    78,
    /^Error: The store memory:\/\/ lives in one process: .* sqlite:/,
  ],
  [["result", "x"], 2, /^Error: Neither an app nor a store was named: /],
  [
    ["status", "-b", "sqlite://./q.db"],
    69,
    /^Error: The store sqlite:\/\/\.\/q\.db does not exist: there is no file \/.*q\.db/,
  ],
  [
    ["status", "-A", TASKS, "--workdir", "/no/such/place"],
    2,
    /^Error: --workdir must be a directory that exists, but it is/,
  ],
  [["dead", "lst"], 2, /^Error: Unknown command "lst"\. Did you mean list\?$/],
  [
    ["dead", "retry"],
    2,
    /^Error: Unknown command "retry"\. The commands are: list, .*redrive/,
  ],
  [
    ["dead", "redrive", "-A", TASKS],
    2,
    /^Error: Say which dead letters to redrive: .* or --all$/,
  ],
];

Deno.test("what will not do is refused with a sentence", async (t) => {
  await using place = new Workplace();
  for (const [args, code, message] of CASES) {
    const words = args.map((arg) => arg.replace(TASKS, "tasks.ts")).join(" ");
    await t.step(words, async () => {
      const ran = await place.bare(...args);
      assertMatch(ran.stderr.trimEnd(), message);
      assertEquals(ran.code, code);
      assertEquals(ran.stdout, "");
      assertEquals(ran.stderr.trimEnd().split("\n").length, 1);
    });
  }
});

Deno.test("--json makes errors JSON, --debug adds the stack", async () => {
  await using place = new Workplace();
  const json = await place.bare("worker", "--json");
  const error = JSON.parse(json.stderr);
  assertEquals([error.exitCode, json.code], [2, 2]);
  const debug = await place.bare("list", "--debug", "-A", fixture("throws.ts"));
  assertMatch(debug.stderr, /\[cause\]: TypeError: Cannot read/);
});

Deno.test("without a command the help is printed", async () => {
  await using place = new Workplace();
  const none = await place.bare();
  assertEquals([none.code, none.stdout], [2, ""]);
  assertMatch(none.stderr, /^Usage: lovage /);
  const group = await place.bare("dead");
  assertMatch(group.stderr, /^Usage: lovage dead /);
  const help = await place.bare("--help");
  assertEquals([help.code, help.stderr], [0, ""]);
  assertMatch(help.stdout, /^ +worker +run tasks/m);
  assertMatch(help.stdout, /^ +69 +the store/m);
  const worker = await place.bare("worker", "--help");
  assertMatch(worker.stdout, /--soft-time-limit <duration>/);
  assertMatch(worker.stdout, /TERM, INT, HUP +warm stop/);
  assertMatch((await place.bare("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
});
