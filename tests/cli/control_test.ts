/** Commands that question, steer and watch workers of other processes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const TASKS = new URL("./fixtures/tasks.ts", import.meta.url).href;
const BROKER = ["--broker", "sqlite://./q.db"];

Deno.test("inspect asks workers, in any spelling, and says who is missing", async () => {
  await using place = new Workplace();
  await Promise.all([
    place.worker("-n", "one@box"),
    place.worker("-n", "two@box", "-Q", "billing", "-E"),
  ]);
  await place.lovage("call", "hold", "-a", '["first"]', "--task-id", "t1");

  const ping = await place.bare("inspect", "ping", ...BROKER);
  assertEquals([ping.code, ping.stderr], [0, ""]);
  assertEquals(ping.stdout, "one@box  pong\ntwo@box  pong\n");

  for (const name of ["active-queues", "active_queues", "activeQueues"]) {
    const queues = await place.bare("inspect", name, ...BROKER);
    assertEquals(queues.stdout, "one@box  default\ntwo@box  billing\n");
  }

  const active = await place.bare("inspect", "active", ...BROKER);
  assertMatch(active.stdout, /^one@box +1 task\n +ID +TASK +ARGUMENTS/m);
  assertMatch(
    active.stdout,
    /^ +t1 +hold +\["first"\] +default +0 +.* \d+m?s? +\d+$/m,
  );
  assertMatch(active.stdout, /^two@box +none$/m);

  const query = await place.bare("inspect", "query-task", "t1", ...BROKER);
  assertMatch(query.stdout, /^ +active +t1 +hold/m);
  assertMatch(query.stdout, /^two@box +holds none of them$/m);

  const json = await place.bare("inspect", "conf", "--json", ...BROKER);
  const { replies, errors, missing } = JSON.parse(json.stdout);
  assertEquals([errors, missing], [{}, []]);
  assertEquals(
    [
      replies["one@box"].workerSendTaskEvents,
      replies["two@box"].workerSendTaskEvents,
    ],
    [false, true],
  );

  for (
    const question of ["stats", "registered", "report", "clock", "revoked"]
  ) {
    const { code, stdout } = await place.bare("inspect", question, ...BROKER);
    assertEquals(code, 0);
    assertMatch(stdout, /^one@box[^]*^two@box/m);
  }

  const sample = await place.bare("inspect", "memsample", ...BROKER);
  assertMatch(
    sample.stdout,
    /^one@box +\d+ MiB \(worker \d+ MiB, of that heap \d+ MiB; hosts \d+: \d+ MiB/m,
  );
  const dump = await place.bare("inspect", "memdump", "5", ...BROKER);
  assertMatch(
    dump.stdout,
    /^one@box\n +TAKEN +ALL +WORKER +HEAP +HOSTS\n(.* MiB.*\n){2}\ntwo@box\n/m,
  );

  const some = await place.bare(
    ...["inspect", "-p", "t*", "-d", "two@box,tree@box", "-t", "300ms"],
    ...["ping", ...BROKER],
  );
  assertEquals([some.code, some.stdout], [
    0,
    "two@box  pong\nDid not answer within 300ms: tree@box\n",
  ]);
  const ghost = await place.bare(
    ...["inspect", "ping", "-d", "ghost", "-t", "0.2", ...BROKER],
  );
  assertEquals([ghost.code, ghost.stdout], [
    1,
    "Did not answer within 0.2s: ghost\n",
  ]);
});

Deno.test("without workers inspect and control end with 1, at once", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 1]");
  for (const command of [["inspect", "ping"], ["control", "shutdown"]]) {
    const none = await place.bare(...command, ...BROKER, "-t", "1d");
    assertEquals(none.code, 1);
    assertEquals(
      none.stdout,
      "No worker answered: the store knows of none that is alive\n",
    );
  }
});

Deno.test("control steers a worker: what it is told shows, and it ends", async () => {
  await using place = new Workplace();
  const worker = await place.worker("-n", "one@box");
  const control = (...args: string[]) =>
    place.bare("control", ...args, ...BROKER, "-t", "20s");

  const grown = await control("pool-grow", "2");
  assertEquals([grown.code, grown.stdout], [
    0,
    "WORKER   DONE\none@box  It runs 3 tasks at a time now\n",
  ]);
  const names = ["a", "b", "c"];
  for (const name of names) {
    await place.lovage("call", "hold", "-a", `["${name}"]`);
  }
  for (const name of names) await worker.line(new RegExp(`^holding ${name}$`));
  const status = await place.bare("status", ...BROKER);
  assertMatch(status.stdout, /^one@box +alive .* isolate x3 /m);
  for (const name of names) place.release(name);

  const shrunk = await control("poolShrink", "--json");
  assertEquals(JSON.parse(shrunk.stdout), {
    replies: { "one@box": { ok: "It runs 2 tasks at a time now" } },
    errors: {},
    missing: [],
    silent: [],
  });
  const refused = await control("pool_shrink", "7");
  assertEquals(refused.code, 1);
  assertMatch(
    refused.stdout,
    /^one@box refused: The pool has 2 slots and keeps/,
  );

  const rate = await control("rate-limit", "math.add", "100/m");
  assertMatch(rate.stdout, /^one@box +math\.add starts 100\/m at most$/m);
  const unknown = await control("time-limit", "math.ad", "--hard", "5s");
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stdout, /Did you mean "math\.add"\?/);
  const limit = await control("time-limit", "hold", "--hard", "100ms");
  assertMatch(limit.stdout, /^one@box +The time limits of hold are set$/m);
  const held = await place.lovage(
    "call",
    "hold",
    "-a",
    '["d"]',
    "--wait",
    "20s",
  );
  assertEquals(held.code, 1);
  assertMatch(held.stderr, /TimeLimitExceeded/);

  const added = await control("add-consumer", "billing");
  assertMatch(added.stdout, /^one@box +It serves default, billing now$/m);
  const cancelled = await control("cancel-consumer", "default");
  assertMatch(cancelled.stdout, /It does not serve default any more$/m);
  assertMatch(
    (await place.bare("status", ...BROKER)).stdout,
    /^one@box +alive .* billing$/m,
  );
  assertMatch((await control("pool-restart")).stdout, /It replaces its host/);
  assertMatch((await control("enable-events")).stdout, /It tells events, whe/);
  assertMatch((await control("disable-events")).stdout, /It tells events only/);

  const shutdown = await control("shutdown");
  assertMatch(
    shutdown.stdout,
    /^one@box +It stops: what runs comes to its end$/m,
  );
  assertEquals((await worker.status()).code, 0);
  assertMatch(worker.stdout.at(-1) ?? "", /^one@box has stopped \(/);
  const after = await place.lovage("status", "--fail-if-none");
  assertEquals(after.code, 1);
});

Deno.test("a queue is paused and resumed from outside", async () => {
  await using place = new Workplace();
  await place.worker();
  const paused = await place.bare("control", "pause", "default", ...BROKER);
  assertEquals([paused.code, paused.stdout], [
    0,
    "Paused default: nothing is taken from there until it is resumed\n",
  ]);
  assertEquals(paused.stderr, "");
  const misspelled = await place.bare("control", "pause", "defualt", ...BROKER);
  assertEquals([misspelled.code, misspelled.stderr], [
    0,
    'Warning: no worker serves queue "defualt", and nothing waits in it. Did you mean "default"?\n',
  ]);
  const call = ["call", "math.add", "-a", "[1, 2]", "--wait"];
  const waits = await place.lovage(...call, "300ms");
  assertEquals(waits.code, 3);
  const resumed = await place.bare(
    ...["control", "resume", "default", "other", "--json", ...BROKER],
  );
  assertEquals(JSON.parse(resumed.stdout), {
    queues: ["default", "other"],
    paused: false,
  });
  assertEquals((await place.lovage(...call, "20s")).stdout, "3\n");
});

Deno.test("what control and inspect cannot do is refused with 2", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 1]");
  const refused = async (sentence: RegExp, ...args: string[]) => {
    const { code, stderr } = await place.bare(...args, ...BROKER);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, sentence);
  };
  await refused(/^Error: Unknown command "pingg"/, "inspect", "pingg");
  await refused(
    /^Error: Missing required argument "id"/,
    "inspect",
    "query-task",
  );
  await refused(
    /^Error: The rate must be such as 5, 10\/s, 100\/m; or 0 for none, but it is "often"/,
    ...["control", "rate-limit", "x", "often"],
  );
  await refused(
    /^Error: The number of slots must be a whole number of at least 1/,
    ...["control", "pool-grow", "0"],
  );
  await refused(/give --soft, --hard, or both/, "control", "time-limit", "x");
  await refused(
    /^Error: A queue is paused and resumed for all workers/,
    ...["control", "pause", "default", "-d", "one@box"],
  );
  await refused(
    /^Error: --timeout must be a duration/,
    "inspect",
    "ping",
    "-t",
    "x",
  );
});

Deno.test("events are lines of JSON where nobody looks, until INT", async () => {
  await using place = new Workplace();
  await place.worker("-n", "one@box");
  const events = place.launch("events", "--app", TASKS);
  await events.line(/"type":"worker-online","hostname":"one@box"/);
  const sent = await place.lovage("call", "math.add", "-a", "[1, 2]");
  const id = sent.stdout.trim();
  const last = JSON.parse(await events.line(/"task-succeeded"/));
  assertEquals([last.uuid, last.name, last.result], [id, "math.add", "3"]);
  events.kill("SIGINT");
  assertEquals((await events.status()).code, 0);
  const types = events.stdout.map((line) => JSON.parse(line))
    .filter(({ uuid }) => uuid === id).map(({ type }) => type);
  assertEquals(types, ["task-received", "task-started", "task-succeeded"]);
  assert(events.stderr.some((line) => line.startsWith("Watching sqlite://")));
});

Deno.test("tasks are revoked by header, and from control as well", async () => {
  await using place = new Workplace();
  const send = (id: string, headers: string) =>
    place.lovage(
      ...["call", "hold", "-a", `["${id}"]`, "--task-id", id],
      ...["--headers", headers],
    );
  await send("a", '{"tenant": 7}');
  await send("b", '{"tenant": "7"}');
  await send("c", '{"tenant": "acme"}');
  await send("d", '{"tenant": "other"}');
  const some = await place.bare(
    ...["revoke", "--header", "tenant=7", "--header", "tenant=acme"],
    ...BROKER,
  );
  assertEquals(some.code, 0, some.stderr);
  for (const id of ["a", "b", "c"]) {
    assertMatch(
      some.stdout,
      new RegExp(`^${id} +hold +default +taken out of its queue$`, "m"),
    );
  }
  assertMatch(some.stdout, /\n\nRevoked 3 tasks\n$/);
  const none = await place.bare("revoke", "--header", "tenant=7", ...BROKER);
  assertMatch(none.stdout, /^No task that waits or runs was sent with that$/m);

  const last = await place.bare("control", "revoke", "d", "--json", ...BROKER);
  assertEquals(JSON.parse(last.stdout), [{ id: "d", outcome: "removed" }]);
  const refused = async (sentence: RegExp, ...args: string[]) => {
    const { code, stderr } = await place.bare(...args, ...BROKER);
    assertEquals(code, 2);
    assertMatch(stderr, sentence);
  };
  await refused(/give their ids, or --header name=value/, "revoke");
  await refused(/give their ids, or/, "revoke", "a", "--header", "b=c");
  await refused(
    /--header must be a name and a value/,
    "revoke",
    "--header",
    "b",
  );
  await refused(
    /^Error: Tasks are revoked for all workers: leave -d and -p out$/m,
    ...["control", "revoke", "a", "-d", "one@box"],
  );
});
