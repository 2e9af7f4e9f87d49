import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { errorOf, jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";
import { cpuSecondsOf, descendants, isAlive } from "./fixtures/processes.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("IsolatePool ends a busy loop at its hard limit and leaves nothing of it", async () => {
  await using test = await startIsolates({ slots: 2 });
  const neighbour = jobOf("sleep", [1200]);
  const runaway = jobOf("spin", [], { hardLimit: 500 });
  const hosts = test.pool.pids;
  test.pool.submit([neighbour, runaway]);
  const outcome = await test.events.outcomeOf(runaway);
  assertEquals(outcome.kind, "failure");
  const error = errorOf(outcome);
  assertEquals(error.name, "TimeLimitExceeded");
  assertStringIncludes(error.message, runaway.id);
  const took = test.events.endedAt.get(runaway.key)! - outcome.startedAt!;
  assert(took >= 495 && took < 750, `ended after ${took} ms`);
  await pause(1000);
  assert(hosts.some((host) => !isAlive(host)), "every host lives on");
  const cpu = await cpuSecondsOf([...hosts, ...test.pool.pids], 500);
  assert(cpu < 0.2, `${cpu} CPU seconds in half a second`);
  assertEquals(valueOf(await test.events.outcomeOf(neighbour)), 1200);
  assertEquals(valueOf((await test.run(jobOf("echo", ["next"])))[0]!), "next");
});

Deno.test("IsolatePool ends what a task has started at its hard limit", async () => {
  await using test = await startIsolates();
  const job = jobOf("spawnSpinner", [], { hardLimit: 300 });
  test.pool.submit([job]);
  await pause(200);
  const started = test.pool.pids.flatMap(descendants).map(({ pid }) => pid);
  assert(started.length > 0, "the task started nothing");
  await test.events.outcomeOf(job);
  await pause(1000);
  assertEquals(started.filter(isAlive), []);
});

Deno.test("IsolatePool with two slots per host lets the neighbour of a busy loop finish", async () => {
  await using test = await startIsolates({ slots: 2, slotsPerHost: 2 });
  const neighbour = jobOf("sleep", [1500], { reportStart: true });
  const runaway = jobOf("spin", [], { hardLimit: 300 });
  test.pool.submit([neighbour, runaway]);
  const [host] = test.pool.pids;
  await test.events.startOf(neighbour);
  const outcome = await test.events.outcomeOf(runaway);
  assertEquals(errorOf(outcome).name, "TimeLimitExceeded");
  const next = jobOf("where");
  const [where] = await test.run(next);
  assert((valueOf(where!) as { pid: number }).pid !== host);
  assert(isAlive(host!));
  assertEquals(valueOf(await test.events.outcomeOf(neighbour)), 1500);
  await pause(300);
  assert(!isAlive(host!));
  assert(await cpuSecondsOf(test.pool.pids, 500) < 0.2);
});

Deno.test("IsolatePool makes checkpoint() throw in a busy loop at the soft limit", async () => {
  await using test = await startIsolates();
  const [outcome] = await test.run(
    jobOf("spinPolitely", [], { softLimit: 200 }),
  );
  assertEquals(errorOf(outcome!).message, "soft-limit");
  const took = outcome!.endedAt - outcome!.startedAt!;
  assert(took >= 190 && took < 450, `ended after ${took} ms`);
});

Deno.test("IsolatePool aborts the signal of a waiting task at the soft limit", async () => {
  await using test = await startIsolates();
  const [outcome] = await test.run(
    jobOf("waitForAbort", [], { softLimit: 100 }),
  );
  assertEquals(errorOf(outcome!).message, "soft-limit");
});

Deno.test("IsolatePool.interrupt() reaches a busy loop", async () => {
  await using test = await startIsolates();
  const job = jobOf("spinPolitely", [], { reportStart: true });
  test.pool.submit([job]);
  await test.events.startOf(job);
  test.pool.interrupt(job.key, "revoked");
  assertEquals((await test.events.outcomeOf(job)).kind, "revoked");
});

Deno.test("IsolatePool.interrupt() revokes a job that has not started", async () => {
  await using test = await startIsolates();
  const [first, second] = [jobOf("sleep", [300]), jobOf("noop")];
  test.pool.submit([first, second]);
  test.pool.interrupt(second.key, "revoked");
  const outcome = await test.events.outcomeOf(second);
  assertEquals(outcome.kind, "revoked");
  assertEquals(outcome.startedAt, undefined);
});

Deno.test("IsolatePool.interrupt() revokes a job that was handed ahead", async () => {
  await using test = await startIsolates();
  await test.run(jobOf("spinFor", [0]));
  const [first, second] = [jobOf("spinFor", [300]), jobOf("noop")];
  await test.run(jobOf("noop"));
  test.pool.submit([first, second]);
  await pause(20);
  test.pool.interrupt(second.key, "revoked");
  assertEquals((await test.events.outcomeOf(second)).kind, "revoked");
  assert(!test.events.outcomes.has(first.key));
  assertEquals(valueOf(await test.events.outcomeOf(first)), 300);
});

Deno.test("IsolatePool.kill() ends a busy loop with the given outcome", async () => {
  await using test = await startIsolates();
  const job = jobOf("spin", [], { reportStart: true });
  test.pool.submit([job]);
  await test.events.startOf(job);
  const [host] = test.pool.pids;
  test.pool.kill(job.key, { kind: "revoked", detail: "asked", endedAt: 1 });
  assertEquals(await test.events.outcomeOf(job), {
    kind: "revoked",
    detail: "asked",
    endedAt: 1,
  });
  await pause(200);
  assert(!isAlive(host!));
});
