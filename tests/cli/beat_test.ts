/** `lovage beat`, and `lovage worker --beat`. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { type WorkerProcess, Workplace } from "./fixtures/processes.ts";

const EACH_SECOND =
  `{ tick: { task: "math.add", schedule: "1s", args: [1, 2] } }`;

/** An app that sends `math.add` each second. */
function ticking(place: Workplace, more = ""): string {
  return ownApp(
    place,
    `{ brokerUrl: "sqlite://./q.db", beatSchedule: ${EACH_SECOND}, ${more} }`,
  );
}

async function ready(process: WorkerProcess): Promise<WorkerProcess> {
  await process.line(/is ready|"event":"ready"/);
  return process;
}

/** The times that a beat has sent for. */
function sentBy(beat: WorkerProcess): readonly string[] {
  return beat.stderr.flatMap((line) =>
    / Sent (tick@\S+)$/.exec(line)?.[1] ?? []
  );
}

Deno.test("a beat says what it is, sends, and hands the lead over at once", async () => {
  await using place = new Workplace();
  // Its lease alone would keep the other waiting for longer than a test does.
  const app = ticking(place, `beatLease: "1h"`);
  const beat = (...args: string[]) =>
    ready(place.launch("beat", "--app", app, ...args));
  const first = await beat("-n", "b1@%n");
  const banner = first.stdout.join("\n");
  assertMatch(banner, new RegExp(`^Lovage ${VERSION} beat b1@`));
  assertMatch(banner, /^app +own \(file:.*\.ts\)$/m);
  assertMatch(banner, /^broker +sqlite:\/\/\.\/q\.db$/m);
  assertMatch(banner, /^schedule +1 entry of the app's code, and what else/m);
  assertMatch(banner, /^lease +1h, renewed every 20m at the latest$/m);
  assertMatch(banner, new RegExp(`^pid +${first.pid}$`, "m"));
  await first.line(/INFO +lovage\.beat b1@\S+ sends what is due$/);
  await first.lines(/Sent tick@/, 2);

  const second = await beat("-n", "b2@box");
  await second.line(/b1@\S+ sends what is due; this beat stands by$/);
  const list = await place.bare("schedule", "list", "--app", app);
  assertMatch(list.stdout, /^1 entry\. b1@\S+ sends what is due$/m);

  first.kill("SIGTERM");
  assertEquals((await first.status()).code, 0);
  assert(
    first.stdout.includes(
      "TERM received: it stops after what is being sent, and hands the lead over. Again ends it at once",
    ),
  );
  assertMatch(
    first.stdout.at(-1) ?? "",
    new RegExp(
      `^b1@\\S+ has stopped \\(${sentBy(first).length} tasks sent\\)$`,
    ),
  );
  await second.line(/b2@box sends what is due$/);
  await second.lines(/Sent tick@/, 2);
  const sent = [...sentBy(first), ...sentBy(second)];
  assertEquals(new Set(sent).size, sent.length);

  second.kill("SIGINT");
  assertEquals((await second.status()).code, 0);
  const after = await place.bare("schedule", "list", "--app", app);
  assertMatch(after.stdout, /^1 entry\. No beat leads, so nothing is sent/m);
});

Deno.test("a killed beat is replaced when its lease is over", async () => {
  await using place = new Workplace();
  const app = ticking(place, `beatLease: "1s"`);
  const first = await ready(place.launch("beat", "--app", app, "-n", "b1@x"));
  await first.line(/Sent tick@/);
  const second = await ready(place.launch("beat", "--app", app, "-n", "b2@x"));
  await second.line(/this beat stands by$/);
  first.kill("SIGKILL");
  const killed = performance.now();
  await second.line(/b2@x sends what is due$/);
  assert(performance.now() - killed < 3_000, "The lease was over long ago");
  await second.line(/Sent tick@/);
  await first.status();
  const sent = [...sentBy(first), ...sentBy(second)];
  assertEquals(new Set(sent).size, sent.length);
});

Deno.test("a beat that stands by says so when it is stopped", async () => {
  await using place = new Workplace();
  const app = ticking(place);
  await ready(place.launch("beat", "--app", app));
  const second = await ready(place.launch("beat", "--app", app));
  await second.line(/stands by$/);
  second.kill("SIGHUP");
  assertEquals((await second.status()).code, 0);
  assertMatch(
    second.stdout.at(-2) ?? "",
    /^HUP received: it stops; another beat leads, or none/,
  );
  assertMatch(second.stdout.at(-1) ?? "", / has stopped \(no task sent\)$/);
});

Deno.test({
  name: "TERM ends the waiting for a store that is away, a second one a stop",
  ignore: whyNoRedis !== undefined,
  fn: async () => {
    const redis = await startRedis();
    try {
      await using place = new Workplace();
      const app = ownApp(place, `{ brokerUrl: "${redis.url}" }`);
      const beat = await ready(place.launch("beat", "--app", app));
      await beat.line(/sends what is due$/);
      await redis.kill();
      const early = place.launch("beat", "--app", app);
      await early.line(/Trying again in 1 s \(1 of 100\)/);
      early.kill("SIGTERM");
      assertEquals((await early.status()).code, 0);
      assertMatch(early.stdout.at(-2) ?? "", /received: it has not started/);
      assertMatch(early.stdout.at(-1) ?? "", /stopped before it had started$/);

      // Its stop waits for a store that does not answer.
      beat.kill("SIGTERM");
      await beat.line(/TERM received: it stops/);
      beat.kill("SIGTERM");
      await beat.line(/TERM received: ends at once/);
      assertEquals((await beat.status()).code, 143);
    } finally {
      await redis.stop();
    }
  },
});

Deno.test({
  name: "a beat waits for its store, and stops while it is away",
  ignore: whyNoRedis !== undefined,
  fn: async () => {
    const redis = await startRedis();
    try {
      await redis.kill();
      await using place = new Workplace();
      const store = `redisStore({ url: "${redis.url}", patience: 100 })`;
      const app = ownApp(place, `{ store: ${store}, beatLease: "1s" }`);
      const beat = place.launch("beat", "--app", app);
      await beat.line(/WARNING .*Trying again in 1 s/);
      await redis.start();
      await ready(beat);
      await beat.line(/sends what is due$/);
      await redis.kill();
      await beat.line(/WARNING .*Trying again every second$/);
      beat.kill("SIGTERM");
      assertEquals((await beat.status()).code, 0);
    } finally {
      await redis.stop();
    }
  },
});

Deno.test("--json prints the events of a beat, --max-interval what it comes to", async () => {
  await using place = new Workplace();
  const app = ticking(place);
  const beat = await ready(
    place.launch("beat", "--app", app, "--json", "--max-interval", "1h"),
  );
  const line = await beat.line(/"message":"Sent /);
  assertEquals(JSON.parse(line).logger, "lovage.beat");
  beat.kill("SIGTERM");
  await beat.status();
  const events = beat.stdout.map((line) => JSON.parse(line));
  assertEquals(
    events.map(({ event }) => event),
    ["starting", "ready", "signal", "stopped"],
  );
  const [starting, , signal, stopped] = events;
  assertEquals(
    [starting.entries, starting.lease, starting.maxInterval],
    [["tick"], 15_000, 5_000],
  );
  assertMatch(starting.warnings[0], /^It looks at the store every 5s, not/);
  assertEquals([signal.stop, signal.leads], ["warm", true]);
  assert(stopped.sent > 0);
  assertEquals(stopped.leftOut, 0);
});

Deno.test("a beat holds its pid file, and logs to a file", async () => {
  await using place = new Workplace();
  const app = ticking(place);
  const flags = ["beat", "--app", app, "--pidfile", "b.pid"];
  const first = await ready(
    place.launch(...flags, "-n", "b1@box", "-f", "%n-%d.log", "-l", "debug"),
  );
  const held = await Deno.readTextFile(place.file("b.pid"));
  assertEquals(held, `${first.pid}\n`);
  const second = await place.bare(...flags);
  assertEquals(second.code, 1);
  assertEquals(
    second.stderr,
    `Error: The pid file b.pid is held by process ${first.pid}, which is alive: a beat runs there already. Stop it, or give this one another --pidfile\n`,
  );
  first.kill("SIGTERM");
  await first.status();
  const log = await Deno.readTextFile(place.file("b1-box.log"));
  assertMatch(log, /DEBUG +lovage\.beat b1@box is ready$/m);
  assertEquals(first.stderr, []);
  // What cannot start leaves no pid file behind.
  const third = await place.bare(...flags, "-f", "/no/such/place.log");
  assertMatch(third.stderr, /^Error: --logfile cannot be written/);
  for await (const { name } of Deno.readDir(place.path)) {
    assert(name !== "b.pid");
  }
});

Deno.test("a worker with --beat sends and runs, in isolates, and stops both", async () => {
  await using place = new Workplace();
  const app = ticking(place, `beatLease: "1h"`);
  const flags = ["worker", "--app", app, "-c", "1", "-n", "w1@box"];
  const worker = await ready(place.launch(...flags, "-B"));
  const banner = worker.stdout.join("\n");
  assertMatch(banner, /^pool +isolate, 1 at a time in 1 host process$/m);
  assertMatch(banner, /^beat +1 entry of the app's code, and what else/m);
  await worker.line(/lovage\.beat w1@box sends what is due$/);
  await worker.lines(/Task math\.add \(tick@\S+Z\) succeeded/, 2);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assertMatch(
    worker.stdout.at(-1) ?? "",
    /^w1@box has stopped \(\d+ success; \d+ tasks sent\)$/,
  );
  // The lead was given back, or the next would stand by for an hour.
  const next = await ready(place.launch(...flags, "--beat", "--json"));
  await next.line(/"message":"Sent /);
  next.kill("SIGQUIT");
  assertEquals((await next.status()).code, 0);
  const events = next.stdout.map((line) => JSON.parse(line));
  assertEquals(events[0].entries, ["tick"]);
  assert(events.at(-1).beat.sent > 0);
});

Deno.test("a worker without --beat sends nothing by itself", async () => {
  await using place = new Workplace();
  const app = ticking(place);
  await ready(place.launch("worker", "--app", app, "-P", "async", "--json"));
  const { stdout } = await place.bare(
    ...["schedule", "list", "--app", app, "--json"],
  );
  assertEquals(JSON.parse(stdout), { leader: null, entries: [] });
});

Deno.test("entries of the code that will not do keep a beat from starting", async () => {
  await using place = new Workplace();
  const app = ownApp(
    place,
    `{ brokerUrl: "sqlite://./q.db", beatSchedule: { tick: { task: "math.ad", schedule: "1s" } } }`,
  );
  for (const flags of [["beat"], ["worker", "-B", "-P", "async"]]) {
    const ran = await place.bare(...flags, "--app", app);
    assertEquals([ran.code, ran.stdout], [78, ""]);
    assertEquals(
      ran.stderr,
      'Error: The schedule entry "tick" names the task "math.ad", which app "own" does not have. Did you mean "math.add"?\n',
    );
  }
});
