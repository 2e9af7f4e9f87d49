import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { IsolatePool } from "../../../src/worker/pool/isolate.ts";
import type { Outcome } from "../../../src/worker/outcome.ts";
import {
  errorOf,
  isolateOptions,
  jobOf,
  Recorder,
  startIsolates,
  valueOf,
} from "./fixtures/pools.ts";
import { isAlive } from "./fixtures/processes.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const pidOf = (outcome: Outcome | undefined) =>
  (valueOf(outcome!) as { pid: number }).pid;

for (
  const [fixture, message] of [
    ["missing.ts", "missing.ts"],
    ["broken_syntax.txt", "broken_syntax.txt"],
    ["throws_on_load.ts", "Error: no database here"],
    ["exits_on_load.ts", "it called Deno.exit(9)"],
    ["rejects_on_load.ts", "stray at load"],
  ] as const
) {
  Deno.test(`IsolatePool.start() rejects when the module cannot be loaded: ${fixture}`, async () => {
    const events = new Recorder();
    const module = new URL(`./fixtures/${fixture}`, import.meta.url).href;
    const pool = new IsolatePool(isolateOptions(events, { module }));
    const error = await assertRejects(() => pool.start(), Error, message);
    assertStringIncludes(error.message, module);
    assertEquals(pool.pids, []);
  });
}

Deno.test("IsolatePool refuses a module that is no URL", () => {
  const options = isolateOptions(new Recorder(), { module: "./tasks.ts" });
  const error = assertThrows(() => new IsolatePool(options), ConfigError);
  assertStringIncludes(error.message, '"./tasks.ts"');
});

Deno.test("IsolatePool.start() rejects when the module does not load in time", async () => {
  const module = new URL("./fixtures/hangs_on_load.ts", import.meta.url).href;
  const options = isolateOptions(new Recorder(), { module, startTimeout: 500 });
  const pool = new IsolatePool(options);
  await assertRejects(() => pool.start(), Error, "not ready after 500 ms");
  assertEquals(pool.pids, []);
});

Deno.test("IsolatePool backs off while hosts cannot start, and recovers", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/tasks.ts`;
  // In one step: a host that starts meanwhile must not find half of it.
  const deploy = async (text: string) => {
    await Deno.writeTextFile(`${folder}/next.ts`, text);
    await Deno.rename(`${folder}/next.ts`, path);
  };
  const good = "export const tasks = { pid: () => Deno.pid };\n";
  await deploy(good);
  {
    await using test = await startIsolates({
      module: new URL(`file://${path}`).href,
    });
    await deploy("throw new Error('broken deploy');");
    const killed = new Set(test.pool.pids);
    for (const pid of killed) Deno.kill(pid, "SIGKILL");
    // Before that it would be given to a host that is dead.
    await test.events.until(() =>
      test.pool.pids.every((pid) => !killed.has(pid))
    );
    const job = jobOf("pid");
    test.pool.submit([job]);
    const waits = () =>
      test.events.faults.flatMap((fault) =>
        /broken deploy.*trying again in (\d+) ms/.exec(fault)?.[1] ?? []
      ).map(Number);
    // Each wait is twice as long as the one before.
    await test.events.until(() => waits().length >= 4);
    const [first = 0] = waits();
    assertEquals(waits().slice(0, 4), [1, 2, 4, 8].map((n) => n * first));
    assert(!test.events.outcomes.has(job.key));
    await deploy(good);
    valueOf(await test.events.outcomeOf(job));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("IsolatePool measures its hosts, and says of one that stands still that it did not answer", async () => {
  await using test = await startIsolates();
  // Also one whose task keeps its isolate busy.
  const busy = { ...jobOf("spin"), reportStart: true };
  test.pool.submit([busy]);
  await test.events.startOf(busy);
  const measured = await test.pool.measure();
  assertEquals(measured.map(({ pid }) => pid), test.pool.pids);
  for (const { rss } of measured) assert(Number(rss) > 2 ** 20, String(rss));
  const pid = test.pool.pids[0] ?? 0;
  Deno.kill(pid, "SIGSTOP");
  const [frozen] = await test.pool.measure();
  assertEquals(frozen, { pid, rss: null });
  Deno.kill(pid, "SIGCONT");
});

Deno.test("IsolatePool replaces a host after maxTasksPerChild jobs", async () => {
  await using test = await startIsolates({ maxTasksPerChild: 5 });
  const outcomes = await test.run(
    ...Array.from({ length: 20 }, () => jobOf("where")),
  );
  const counts = new Map<number, number>();
  for (const outcome of outcomes) {
    counts.set(pidOf(outcome), (counts.get(pidOf(outcome)) ?? 0) + 1);
  }
  assertEquals([...counts.values()], [5, 5, 5, 5]);
  assertEquals(test.events.faults, []);
});

Deno.test("IsolatePool with two slots per host replaces isolates after maxTasksPerChild jobs", async () => {
  await using test = await startIsolates({
    slots: 2,
    slotsPerHost: 2,
    maxTasksPerChild: 3,
  });
  const outcomes = await test.run(
    ...Array.from({ length: 30 }, () => jobOf("where")),
  );
  assert(new Set(outcomes.map(pidOf)).size >= 5);
  assertEquals(test.events.faults, []);
});

Deno.test("IsolatePool replaces a host that holds more than maxMemoryPerChild", async () => {
  await using test = await startIsolates({ maxMemoryPerChild: 200 * 2 ** 20 });
  const [before] = await test.run(jobOf("where"));
  const [same] = await test.run(jobOf("where"));
  assertEquals(pidOf(same), pidOf(before));
  await test.run(jobOf("holdBuffers", [256]));
  await pause(200);
  const [after] = await test.run(jobOf("where"));
  assertNotEquals(pidOf(after), pidOf(before));
  assert(!isAlive(pidOf(before)));
});

Deno.test("IsolatePool confines a job to its permissions", async () => {
  await using test = await startIsolates({ slots: 2 });
  const walls = { permissions: '"none"', memoryLimit: null };
  const [confined, open] = await test.run(
    jobOf("connect", [], { walls }),
    jobOf("connect"),
  );
  assertEquals(errorOf(confined!).name, "NotCapable");
  assertEquals(errorOf(open!).name, "ConnectionRefused");
});

Deno.test("IsolatePool replaces a host whose jobs have leaked before one crosses the limit", async () => {
  await using test = await startIsolates({ memoryLimit: 400 * 2 ** 20 });
  for (let i = 0; i < 12; i++) {
    valueOf((await test.run(jobOf("holdBuffers", [60])))[0]!);
    await pause(60);
  }
});

Deno.test("IsolatePool says when a memory limit leaves no room for a task", async () => {
  await using test = await startIsolates();
  const walls = { permissions: null, memoryLimit: 20 * 2 ** 20 };
  const [outcome] = await test.run(jobOf("noop", [], { walls }));
  assertStringIncludes(errorOf(outcome!).message, "raise the limit");
});

Deno.test("IsolatePool confines a job to its memory limit", async () => {
  await using test = await startIsolates({ memoryLimit: 1024 * 2 ** 20 });
  const walls = { permissions: null, memoryLimit: 200 * 2 ** 20 };
  const [outcome, next] = await test.run(
    jobOf("fillBuffers", [400], { walls }),
    jobOf("echo", [1]),
  );
  assertEquals(errorOf(outcome!).name, "MemoryLimitExceeded");
  assertEquals(valueOf(next!), 1);
});

Deno.test("IsolatePool gives a job with walls a slot whose host has them", async () => {
  await using test = await startIsolates({ slots: 2 });
  const walls = { permissions: '{"read":true}', memoryLimit: null };
  const pids = new Set<number>();
  for (let i = 0; i < 4; i++) {
    const [inside, outside] = await test.run(
      jobOf("where", [], { walls }),
      jobOf("where"),
    );
    pids.add(pidOf(inside));
    assertNotEquals(pidOf(inside), pidOf(outside));
  }
  assertEquals(pids.size, 1);
});

Deno.test("IsolatePool keeps the host of other walls while its slot is used otherwise", async () => {
  await using test = await startIsolates();
  const walls = { permissions: '{"read":true}', memoryLimit: null };
  const [first] = await test.run(jobOf("where", [], { walls }));
  const [own] = await test.run(jobOf("where"));
  const [second] = await test.run(jobOf("where", [], { walls }));
  const [ownAgain] = await test.run(jobOf("where"));
  assertEquals(pidOf(first), pidOf(second));
  assertEquals(pidOf(own), pidOf(ownAgain));
});

Deno.test("IsolatePool tells a job for which no host can be made", async () => {
  await using test = await startIsolates();
  const walls = { permissions: '{"net":"anywhere"}', memoryLimit: null };
  const [outcome, next] = await test.run(
    jobOf("noop", [], { walls }),
    jobOf("echo", [1]),
  );
  const error = errorOf(outcome!);
  assertEquals(error.name, "WorkerLostError");
  assertStringIncludes(error.message, "no host could be made for it");
  assertEquals(valueOf(next!), 1);
});

Deno.test("IsolatePool ignores signals that a terminal sends", async () => {
  await using test = await startIsolates();
  const job = jobOf("sleep", [300], { reportStart: true });
  test.pool.submit([job]);
  await test.events.startOf(job);
  for (const pid of test.pool.pids) {
    Deno.kill(pid, "SIGINT");
    Deno.kill(pid, "SIGTERM");
  }
  assertEquals(valueOf(await test.events.outcomeOf(job)), 300);
});

Deno.test("IsolatePool leaves no process behind when the worker is killed", async () => {
  const worker = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      new URL("./fixtures/worker.ts", import.meta.url).href,
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = worker.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const pids = JSON.parse(value!) as number[];
  assert(pids.length >= 2);
  await pause(300);
  assert(pids.every(isAlive));
  worker.kill("SIGKILL");
  await worker.status;
  await reader.cancel();
  await pause(500);
  assertEquals(pids.filter(isAlive), []);
});

Deno.test("IsolatePool knows since when a job runs, and in which process", async () => {
  await using test = await startIsolates({ slots: 1 });
  const before = Date.now();
  const first = jobOf("where");
  const second = jobOf("sleep", [60_000], { reportStart: true });
  await test.run(first);
  test.pool.submit([second]);
  await test.events.startOf(second);
  const run = test.pool.runOf(second.key);
  assert(run !== undefined && run.startedAt >= before);
  assert(test.pool.pids.includes(run.pid ?? 0));
  assertEquals(test.pool.runOf(first.key), undefined);
});
