import { assert, assertEquals } from "@std/assert";
import { AsyncPool } from "../../../src/worker/pool/async.ts";
import {
  clock,
  errorOf,
  jobOf,
  PoolUnderTest,
  Recorder,
  valueOf,
} from "./fixtures/pools.ts";
import { loadRunner } from "./fixtures/runner.ts";
import { tasks } from "./fixtures/tasks.ts";

function asyncPool(slots: number): PoolUnderTest<AsyncPool> {
  const events = new Recorder();
  const runner = loadRunner({ tasks }, { store: null });
  const hostname = "worker@test";
  const pool = new AsyncPool({ slots, runner, hostname, events, clock });
  return new PoolUnderTest(pool, events);
}

Deno.test("AsyncPool runs jobs beside each other, as many as it has slots", async () => {
  await using test = asyncPool(10);
  const began = Date.now();
  const jobs = Array.from({ length: 20 }, () => jobOf("sleep", [100]));
  await test.run(...jobs);
  const took = Date.now() - began;
  assert(took >= 195 && took < 400, `took ${took} ms`);
});

Deno.test("AsyncPool reports starts that are asked for", async () => {
  await using test = asyncPool(1);
  const [asked, silent] = [
    jobOf("noop", [], { reportStart: true }),
    jobOf("noop"),
  ];
  await test.run(asked, silent);
  assertEquals([...test.events.startedAt.keys()], [asked.key]);
});

Deno.test("AsyncPool.recall() returns what waits, in order", async () => {
  await using test = asyncPool(1);
  const jobs = Array.from({ length: 5 }, () => jobOf("sleep", [50]));
  test.pool.submit(jobs);
  test.pool.recall();
  assertEquals(test.events.returnedKeys, jobs.slice(1).map((job) => job.key));
  assertEquals(valueOf(await test.events.outcomeOf(jobs[0]!)), 50);
});

Deno.test("AsyncPool aborts the signal at the soft limit", async () => {
  await using test = asyncPool(1);
  const [outcome] = await test.run(
    jobOf("waitForAbort", [], { softLimit: 50 }),
  );
  assertEquals(errorOf(outcome!).message, "soft-limit");
});

Deno.test("AsyncPool reports a task at its hard limit and forgets it", async () => {
  await using test = asyncPool(1);
  const job = jobOf("sleep", [300], { hardLimit: 50 });
  const [outcome] = await test.run(job);
  assertEquals(errorOf(outcome!).name, "TimeLimitExceeded");
  await test.run(jobOf("sleep", [400]));
  assertEquals(test.events.outcomes.get(job.key), outcome);
});

Deno.test("AsyncPool.interrupt() reaches running jobs and revokes waiting ones", async () => {
  await using test = asyncPool(1);
  const [running, waiting] = [jobOf("waitForAbort"), jobOf("noop")];
  test.pool.submit([running, waiting]);
  test.pool.interrupt(waiting.key, "revoked");
  assertEquals((await test.events.outcomeOf(waiting)).kind, "revoked");
  test.pool.interrupt(running.key, "revoked");
  assertEquals((await test.events.outcomeOf(running)).kind, "revoked");
});

Deno.test("AsyncPool.kill() ends a job with the given outcome", async () => {
  await using test = asyncPool(1);
  const job = jobOf("sleep", [100]);
  test.pool.submit([job]);
  test.pool.kill(job.key, { kind: "ignore", endedAt: 1 });
  assertEquals(await test.events.outcomeOf(job), {
    kind: "ignore",
    endedAt: 1,
  });
  await new Promise((resolve) => setTimeout(resolve, 150));
});

Deno.test("AsyncPool.stop('warm') waits for what runs", async () => {
  await using test = asyncPool(2);
  const jobs = Array.from({ length: 4 }, () => jobOf("sleep", [50]));
  test.pool.submit(jobs);
  await test.pool.stop("warm");
  assertEquals(test.events.outcomes.size, 2);
  assertEquals(test.events.returnedKeys.length, 2);
});

Deno.test("AsyncPool.stop('cold') releases what runs", async () => {
  await using test = asyncPool(2);
  const job = jobOf("waitForAbort");
  test.pool.submit([job]);
  await test.pool.stop("cold");
  assertEquals(test.events.outcomes.get(job.key)?.kind, "released");
});
