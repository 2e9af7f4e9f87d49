import { assert, assertEquals, assertMatch } from "@std/assert";
import { VERSION } from "../../src/cli/version.ts";
import { Workplace } from "./fixtures/processes.ts";

const PRODUCER = new URL("./fixtures/producer.ts", import.meta.url).href;

async function send(place: Workplace, name: string): Promise<string> {
  const sent = await place.lovage("call", "hold", "-a", `["${name}"]`);
  assertEquals(sent.code, 0, sent.stderr);
  return sent.stdout.trim();
}

async function resultOf(place: Workplace, id: string) {
  const { stdout } = await place.lovage("result", id, "--json");
  return JSON.parse(stdout);
}

Deno.test("a worker says what it is, runs tasks of other processes, and stops", async () => {
  await using place = new Workplace();
  const worker = await place.worker("-n", "w1@%n", "-Q", "default");
  const banner = worker.stdout.join("\n");
  assertMatch(banner, new RegExp(`^Lovage ${VERSION} worker w1@`));
  assertMatch(banner, /^app +shop \(file:.*tasks\.ts\)$/m);
  assertMatch(banner, /^broker +sqlite:\/\/\.\/q\.db$/m);
  assertMatch(banner, /^results +in the broker$/m);
  assertMatch(banner, /^pool +isolate, 1 at a time in 1 host process$/m);
  assertMatch(banner, /^queues +default$/m);
  assertMatch(banner, new RegExp(`^pid +${worker.pid}$`, "m"));
  assertMatch(banner, /^ +math\.add$/m);
  assertMatch(banner, /^Warning: Queue "billing" is not served here/m);

  const produced = await place.run(PRODUCER);
  assertEquals([produced.stdout, produced.stderr], ["2 4 6\n", ""]);

  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assert(worker.stdout.includes("TERM received: warm stop, nothing runs"));
  assertMatch(worker.stdout.at(-1) ?? "", /has stopped \(3 success\)$/);
  assertMatch(worker.stderr[0] ?? "", /Z INFO +lovage\.worker Task math\.add /);
  const status = await place.lovage("status", "--fail-if-none");
  assertEquals(status.code, 1);
  assertMatch(status.stdout, /^No worker is registered$/m);
});

Deno.test("a worker is told of another one of its name, and check is, too", async () => {
  await using place = new Workplace();
  const first = await place.worker("-n", "twin@here");
  const other = await place.worker("-n", "other@here");
  const second = await place.worker("-n", "twin@here");
  const warning = await second.line(/^Warning: Another worker called /);
  assertMatch(
    warning,
    new RegExp(`called twin@here \\(pid ${first.pid}\\) was heard of .+ ago`),
  );
  const said = [...first.stdout, ...other.stdout].join("\n");
  assert(!said.includes("Another worker"), said);
  const { stdout } = await place.lovage("check");
  assertMatch(stdout, /^ +workers: 2 workers are called twin@here: inspect/m);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`${signal} lets the running task end and gives the rest back`, async () => {
    await using place = new Workplace();
    const worker = await place.worker();
    const running = await send(place, "one");
    await worker.line(/^holding one$/);
    const waiting = await send(place, "two");
    worker.kill(signal);
    await worker.line(/received: warm stop\. It holds \d tasks?: what runs/);
    place.release("one");
    assertEquals((await worker.status()).code, 0);
    assertEquals((await resultOf(place, running)).result, "released one");
    assertEquals((await resultOf(place, waiting)).live, "queued");
  });
}

Deno.test("a second TERM gives the running task back; another worker runs it", async () => {
  await using place = new Workplace();
  const worker = await place.worker();
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  worker.kill("SIGTERM");
  await worker.line(/warm stop/);
  worker.kill("SIGTERM");
  await worker.line(/TERM received: cold stop/);
  assertEquals((await worker.status()).code, 0);
  assertEquals((await resultOf(place, id)).live, "queued");

  const next = await place.worker();
  await next.line(/^holding one$/);
  place.release("one");
  const { code, stdout } = await place.lovage("result", id, "--wait", "20s");
  assertEquals(code, 0);
  assertMatch(stdout, /^result +released one$/m);
});

Deno.test("QUIT gives the running task back at once", async () => {
  await using place = new Workplace();
  const worker = await place.worker();
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  worker.kill("SIGQUIT");
  assertEquals((await worker.status()).code, 0);
  assert(worker.stdout.some((it) => it.startsWith("QUIT received: cold stop")));
  assertEquals((await resultOf(place, id)).live, "queued");
});

Deno.test("--shutdown-timeout bounds a warm stop", async () => {
  await using place = new Workplace();
  const worker = await place.worker("--shutdown-timeout", "50ms");
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assertEquals((await resultOf(place, id)).live, "queued");
});

Deno.test("the tasks of a killed worker are run by the next", async () => {
  await using place = new Workplace();
  const worker = await place.worker();
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  worker.kill("SIGKILL");
  assertEquals((await worker.status()).signal, "SIGKILL");

  const next = await place.worker();
  await next.line(/^holding one$/);
  place.release("one");
  assertEquals(
    (await place.lovage("result", id, "--wait", "20s")).code,
    0,
  );
});

Deno.test("a worker that dies with unread messages leaves no process behind", async () => {
  await using place = new Workplace();
  const worker = await place.worker();
  await place.lovage("call", "chat");
  await worker.line(/^said 0$/);
  // It reads nothing any more, while its host goes on sending.
  worker.kill("SIGSTOP");
  const said = worker.stdout.filter((it) => it.startsWith("said ")).length;
  await worker.line(new RegExp(`^said ${said + 3}$`));
  worker.kill("SIGKILL");
  assertEquals((await worker.status()).signal, "SIGKILL");
});

Deno.test("a pid file is refused while its process lives, else taken over", async () => {
  await using place = new Workplace();
  const first = await place.worker("--pidfile", "w.pid");
  const held = await Deno.readTextFile(place.file("w.pid"));
  assertEquals(held, `${first.pid}\n`);

  const second = place.start("--pidfile", "w.pid");
  assertEquals((await second.status()).code, 1);
  assertEquals(second.stderr, [
    `Error: The pid file w.pid is held by process ${first.pid}, which is alive: a worker runs there already. Stop it, or give this one another --pidfile`,
  ]);
  assertEquals(await Deno.readTextFile(place.file("w.pid")), held);

  first.kill("SIGKILL");
  await first.status();
  const third = await place.worker("--pidfile", "w.pid");
  assertEquals(
    await Deno.readTextFile(place.file("w.pid")),
    `${third.pid}\n`,
  );
  third.kill("SIGTERM");
  await third.status();
  for await (const { name } of Deno.readDir(place.path)) {
    assert(name !== "w.pid");
  }
});

Deno.test("--logfile takes the lines of worker and tasks", async () => {
  await using place = new Workplace();
  const worker = await place.worker("-n", "w1@box", "-f", "%n-%d.log");
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  place.release("one");
  await place.lovage("result", id, "--wait", "20s");
  worker.kill("SIGTERM");
  await worker.status();
  const lines = (await Deno.readTextFile(place.file("w1-box.log"))).split("\n");
  assertMatch(lines[0] ?? "", /Z INFO +hold\[[\w-]+\] one is held$/);
  assertMatch(lines[1] ?? "", /Task hold \([\w-]+\) succeeded in \d+ ms$/);
  assertEquals(worker.stderr, []);
});

Deno.test("--json prints events and logs as lines of JSON", async () => {
  await using place = new Workplace();
  const worker = await place.worker("--json");
  const id = await send(place, "one");
  await worker.line(/^holding one$/);
  place.release("one");
  await place.lovage("result", id, "--wait", "20s");
  worker.kill("SIGTERM");
  await worker.status();
  const events = worker.stdout.filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
  assertEquals(
    events.map((it) => it.event),
    ["starting", "ready", "signal", "stopped"],
  );
  assertEquals(events[0].tasks.includes("math.add"), true);
  assertEquals(events[3].ended, { success: 1 });
  const logs = worker.stderr.map((line) => JSON.parse(line));
  assertEquals(logs[0].message, "one is held");
  assertEquals(logs[0].logger, "lovage.task.hold");
  assertEquals(logs[0].properties.taskId, id);
});

Deno.test("--loglevel keeps lower levels quiet, --quiet the banner", async () => {
  await using place = new Workplace();
  const worker = place.start("-l", "WARN", "-q", "-P", "async");
  const result = await place.lovage(
    "call",
    "math.add",
    "-a",
    "[1, 2]",
    "--wait",
    "20s",
  );
  assertEquals(result.stdout, "3\n");
  worker.kill("SIGTERM");
  await worker.status();
  assertEquals([worker.stdout, worker.stderr], [[], []]);
});

Deno.test("the async pool says what it cannot enforce, and logs its tasks", async () => {
  await using place = new Workplace();
  const worker = await place.worker(
    ...["-P", "async", "-c", "3"],
    ...["--max-tasks-per-child", "5", "--max-memory-per-child", "200MB"],
  );
  assertMatch(
    worker.stdout.join("\n"),
    /^pool +async, 3 at a time on one event loop$/m,
  );
  assertMatch(
    worker.stdout.join("\n"),
    /^Warning: The async pool has no host processes to replace: --max-tasks-per-child and --max-memory-per-child have no effect$/m,
  );
  assertMatch(
    await worker.line(/^Warning: The async pool cannot stop/),
    /hard time limits/,
  );
  await send(place, "one");
  await worker.line(/INFO +hold\[[\w-]+\] one is held$/);
  place.release("one");
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});
