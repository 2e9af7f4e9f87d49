import { assert, assertEquals, assertMatch } from "@std/assert";
import { uuid7 } from "../../src/message/ids.ts";
import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import { Workplace } from "./fixtures/processes.ts";

const BROKER = ["--broker", "sqlite://./q.db"];

Deno.test("call sends by name without the app; result follows the task", async () => {
  await using place = new Workplace();
  const sent = await place.bare("call", "math.add", "-a", "[2, 3]", ...BROKER);
  assertMatch(sent.stderr, /^Made a new store, \/.*q\.db$/m);
  const id = sent.stdout.trim();
  assertMatch(id, /^[\da-f-]{36}$/);

  const waiting = await place.bare("result", id, ...BROKER);
  assertEquals(waiting.code, 3);
  assertMatch(waiting.stdout, /^state +PENDING$/m);
  assertMatch(waiting.stdout, /^where +waits in queue "default"$/m);
  const late = await place.bare("result", id, "--wait", "10ms", ...BROKER);
  assertEquals(late.code, 3);

  await place.worker();
  const done = await place.bare("result", id, "--wait", ...BROKER);
  assertEquals(done.code, 0);
  assertMatch(done.stdout, /^task +math\.add$/m);
  assertMatch(done.stdout, /^result +5$/m);
  assertMatch(done.stdout, /^done +\S+Z \((now|\d+s ago)\)$/m);
});

Deno.test("call --wait prints the result, or says why there is none", async () => {
  await using place = new Workplace();
  await place.worker("-Q", "default,billing");
  const sum = await place.lovage("call", "math.add", "-a", "[2, 3]", "--wait");
  assertEquals([sum.stdout, sum.code], ["5\n", 0]);
  const rich = await place.lovage("call", "rich", "--wait", "--json");
  assertEquals(JSON.parse(rich.stdout).result, [["big", "10"]]);

  const failed = await place.lovage(
    "call",
    "billing.charge",
    "-a",
    "[7]",
    "--wait",
    "20s",
    "-q",
  );
  assertEquals([failed.stdout, failed.code], ["", 1]);
  const [, id = ""] = /^Error: Task (\S+) ended as FAILURE: RangeError: 7 owes/
    .exec(failed.stderr) ?? [];
  const result = await place.lovage("result", id, "--traceback");
  assertEquals(result.code, 1);
  assertMatch(result.stdout, /^error +RangeError: 7 owes nothing$/m);
  assertMatch(result.stdout, /fixtures\/tasks\.ts:\d+/);

  const late = await place.lovage(
    "call",
    "math.add",
    "-a",
    "[1, 1]",
    "--countdown",
    "1h",
    "--wait",
    "10ms",
  );
  assertEquals(late.code, 3);
  assertMatch(late.stderr, /^Error: Task .* has not ended within 10 ms/m);
});

Deno.test("the options of call reach the message", async () => {
  await using place = new Workplace();
  const sent = await place.lovage(
    "call",
    "math.add",
    "-a",
    "[1]",
    "-k",
    '{"b": 2}',
    "--eta",
    "2100-01-01T00:00:00Z",
    "--expires",
    "2101-01-01T00:00:00Z",
    "--queue",
    "later",
    "--priority",
    "0",
    "--task-id",
    "sum-1",
    "--unique",
    "one",
    "--unique-for",
    "1h",
    "--on-conflict",
    "replace",
    "--json",
  );
  assertEquals(JSON.parse(sent.stdout), { id: "sum-1", task: "math.add" });
  const store = sqliteStore({ path: place.file("q.db") });
  await store.open();
  const [task] = await store.inspector.find(["sum-1"]);
  await store.close();
  assertEquals(
    [task?.queue, task?.priority, task?.status],
    ["later", 0, "scheduled"],
  );
  const body = JSON.parse(task?.body ?? "");
  assertEquals(body.unique, {
    key: "one",
    for: 3_600_000,
    onConflict: "replace",
  });
  assertEquals(body.expires, Date.parse("2101-01-01T00:00:00Z"));
  const { stdout } = await place.lovage("result", "sum-1");
  assertMatch(stdout, /until 2100-01-01T00:00:00\.000Z \(in \d+d/);
});

Deno.test("status shows workers, queues, dead letters and what is wrong", async () => {
  await using place = new Workplace();
  await place.lovage("call", "billing.charge", "-a", "[1]");
  const before = await place.lovage("status", "--fail-if-none");
  assertEquals(before.code, 1);
  assertMatch(before.stdout, /^No worker is registered$/m);
  assertMatch(before.stdout, /^billing +1 +0 +0 +-$/m);
  assertMatch(
    before.stdout,
    /^Warning: 1 task in queue "billing", which no live worker serves$/m,
  );

  const worker = await place.worker("-n", "w1@box");
  const status = await place.bare("status", "--fail-if-none", ...BROKER);
  assertEquals(status.code, 0);
  assertMatch(
    status.stdout,
    new RegExp(`^w1@box +alive +.* ${worker.pid} +isolate x1 .* default$`, "m"),
  );
  assertMatch(status.stdout, /^No dead letters$/m);
  const json = await place.bare("status", "--json", ...BROKER);
  const { workers, queues, deadLetters } = JSON.parse(json.stdout);
  assertEquals([workers[0].name, workers[0].alive], ["w1@box", true]);
  assertEquals(queues[0].queued, 1);
  assertEquals(deadLetters, 0);
});

Deno.test("status shows which queues are paused, also empty ones", async () => {
  await using place = new Workplace();
  await place.bare("call", "math.add", "-a", "[2, 3]", ...BROKER);
  const store = sqliteStore({ path: place.file("q.db") });
  await store.open();
  await store.broker.pause(["empty"], true);
  await store.close();
  const { stdout } = await place.bare("status", ...BROKER);
  assertMatch(stdout, /^QUEUE +QUEUED +SCHEDULED +RUNNING +STATE$/m);
  assertMatch(stdout, /^default +1 +0 +0 +-$/m);
  assertMatch(stdout, /^empty +0 +0 +0 +paused$/m);
  const json = await place.bare("status", "--json", ...BROKER);
  assertEquals(JSON.parse(json.stdout).queues, [
    { queue: "default", queued: 1, scheduled: 0, running: 0, paused: false },
    { queue: "empty", queued: 0, scheduled: 0, running: 0, paused: true },
  ]);
});

Deno.test("a silent worker is shown as such, with what it holds", async () => {
  await using place = new Workplace();
  const worker = await place.worker("-n", "w1@box");
  await place.lovage("call", "hold", "-a", '["one"]');
  await worker.line(/^holding one$/);
  worker.kill("SIGKILL");
  await worker.status();
  // Its lease is one second; until then it may be alive for all we know.
  while ((await place.lovage("status", "--fail-if-none")).code === 0);
  const { stdout } = await place.lovage("status");
  assertMatch(stdout, /^w1@box +silent /m);
  assertMatch(
    stdout,
    /^Warning: Worker w1@box has been silent for .*; it holds 1 task, which the next worker/m,
  );
});

Deno.test("list shows the tasks and their options", async () => {
  await using place = new Workplace();
  const { stdout } = await place.lovage("list");
  assertMatch(stdout, /^TASK +QUEUE +PRIORITY/);
  assertMatch(stdout, /^billing\.charge +billing +4 +- +30s +100\/m +3/m);
  assertMatch(stdout, /^5 tasks of app "shop"$/m);
  const tasks = JSON.parse((await place.lovage("list", "--json")).stdout);
  assertEquals(tasks.length, 5);
  assertEquals([tasks[0].task, tasks[0].timeLimit], ["billing.charge", 30_000]);
});

Deno.test("revoke says what each task met", async () => {
  await using place = new Workplace();
  const worker = await place.worker();
  await place.lovage("call", "hold", "-a", '["one"]', "--task-id", "runs");
  await worker.line(/^holding one$/);
  await place.lovage(
    "call",
    "math.add",
    "--task-id",
    "later",
    "--eta",
    "2100-01-01T00:00Z",
  );
  const revoked = await place.lovage(
    "revoke",
    "runs",
    "later",
    "ghost",
    "later",
    "--terminate",
  );
  assertEquals(revoked.code, 0);
  assertMatch(revoked.stdout, /^runs +runs; its worker was told to end it/m);
  assertMatch(revoked.stdout, /^later +taken out of its queue$/m);
  assertEquals(revoked.stdout.match(/^later/gm)?.length, 1);
  assertMatch(revoked.stdout, /^ghost +not known; /m);
  const ended = await place.lovage("result", "runs", "--wait", "20s", "--json");
  assertEquals(JSON.parse(ended.stdout).state, "REVOKED");
  assertEquals(ended.code, 1);
  const again = await place.lovage("revoke", "runs", "--json");
  assertEquals(JSON.parse(again.stdout), [{ id: "runs", outcome: "ended" }]);
});

Deno.test("purge refuses without --force where nobody can be asked", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 1]");
  await place.lovage("call", "math.add", "--queue", "other");
  const refused = await place.lovage("purge");
  assertEquals(refused.code, 1);
  assertMatch(
    refused.stderr,
    /^Error: This drops 2 waiting tasks for good \(default 1, other 1\)\. Nobody/,
  );
  const some = await place.lovage("purge", "-f", "-X", "other");
  assertEquals(some.stdout, "Dropped 1 task from default\n");
  const rest = await place.lovage("purge", "-f", "-Q", "other", "--json");
  assertEquals(JSON.parse(rest.stdout), { purged: 1, queues: ["other"] });
  const none = await place.lovage("purge", "-f");
  assertEquals(none.stdout, "Nothing waits; nothing was dropped\n");
});

Deno.test("dead letters are listed, shown, redriven and dropped", async () => {
  await using place = new Workplace();
  const ids = await bury(place.file("q.db"), 3);
  const list = await place.bare("dead", "list", ...BROKER);
  assertMatch(list.stdout, /^KEY +DIED +AGE +TASK +ID +QUEUE +REASON$/m);
  assertMatch(list.stdout, new RegExp(`${ids[0]} +default +DecodeError: `));
  const limited = await place.bare("dead", "list", "--limit", "2", ...BROKER);
  assertEquals(limited.stdout.trim().split("\n").length, 3);
  assertMatch(limited.stderr, /^There are more/);

  const [id = ""] = ids;
  const shown = await place.bare("dead", "show", id, ...BROKER);
  assertMatch(shown.stdout, /^reason +DecodeError$/m);
  assertMatch(shown.stdout, /^message +\(cannot be read\) not an envelope$/m);
  const back = await place.bare("dead", "redrive", id, ...BROKER);
  assertEquals(back.stdout, "Put 1 task back\n");
  const missing = await place.bare("dead", "purge", id, "-f", ...BROKER);
  assertEquals(missing.code, 1);
  assertMatch(missing.stderr, /nothing was done/);
  const refused = await place.bare("dead", "purge", "--all", ...BROKER);
  assertEquals(refused.code, 1);
  const purged = await place.bare("dead", "purge", "--all", "-f", ...BROKER);
  assertEquals(purged.stdout, "Dropped 2 dead letters\n");
  const none = await place.bare("dead", "list", ...BROKER);
  assertEquals(none.stdout, "No dead letters\n");
});

/** Makes dead letters as a worker does. */
async function bury(path: string, number: number): Promise<string[]> {
  const store = sqliteStore({ path });
  await store.open();
  const ids = Array.from({ length: number }, () => uuid7());
  await store.broker.publish(ids.map((id) => ({
    id,
    task: "broken",
    queue: "default",
    priority: 4,
    eta: null,
    body: "not an envelope",
  })));
  const consumer = "test";
  await store.broker.heartbeat({
    id: consumer,
    name: "test@box",
    lease: 10_000,
    details: {},
  });
  const deliveries = await store.broker.reserve({
    consumer,
    queues: ["default"],
    limit: number,
    wait: false,
    signal: new AbortController().signal,
  });
  assert(deliveries.length === number);
  await store.broker.settle(
    consumer,
    deliveries.map(({ id, token }) => ({
      id,
      token,
      action: { kind: "dead", reason: "DecodeError", detail: "It is not JSON" },
    })),
  );
  await store.broker.leave(consumer);
  await store.close();
  return ids;
}
