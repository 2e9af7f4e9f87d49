import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  errorOf,
  jobOf,
  type PoolUnderTest,
  startIsolates,
  valueOf,
} from "./fixtures/pools.ts";
import type { Job } from "../../../src/worker/pool/pool.ts";

const MIB = 2 ** 20;

/** Runs a job that fails, with one behind it that must not. */
async function failing(test: PoolUnderTest, job: Job): Promise<Error> {
  const next = jobOf("echo", ["next"]);
  const [outcome, after] = await test.run(job, next);
  assertEquals(valueOf(after!), "next");
  assert(outcome!.kind === "lost" || outcome!.kind === "failure");
  return errorOf(outcome!);
}

for (
  const [task, call] of [
    ["exitDeno", "Deno.exit(3)"],
    ["exitProcess", "process.exit(4)"],
    ["exitNamed", "process.exit(5)"],
    ["close", "close()"],
  ] as const
) {
  Deno.test(`IsolatePool reports a task that calls ${call}`, async () => {
    await using test = await startIsolates();
    const job = jobOf(task);
    const error = await failing(test, job);
    assertEquals(error.name, "WorkerLostError");
    assertEquals(
      error.message,
      `Task "${task}" (${job.id}) was lost: the task called ${call}`,
    );
  });
}

Deno.test("IsolatePool reports a task that fills the heap of its host", async () => {
  await using test = await startIsolates({ memoryLimit: 128 * MIB });
  const job = jobOf("fillHeap");
  const error = await failing(test, job);
  assertEquals(error.name, "MemoryLimitExceeded");
  assertStringIncludes(error.message, job.id);
  assertStringIncludes(error.message, "128 MiB");
});

Deno.test("IsolatePool reports a task whose buffers grow beyond the limit", async () => {
  await using test = await startIsolates({ memoryLimit: 256 * MIB });
  const job = jobOf("fillBuffers", [512]);
  const error = await failing(test, job);
  assertEquals(error.name, "MemoryLimitExceeded");
  assertStringIncludes(error.message, "more than the limit of 256 MiB");
});

Deno.test("IsolatePool reports a host that was killed", async () => {
  await using test = await startIsolates();
  const job = jobOf("killHost");
  const error = await failing(test, job);
  assertEquals(error.name, "WorkerLostError");
  assertStringIncludes(error.message, "SIGKILL");
  assertStringIncludes(error.message, `Task "killHost" (${job.id})`);
});

Deno.test("IsolatePool replaces a host that is killed while it is idle", async () => {
  await using test = await startIsolates();
  Deno.kill(test.pool.pids[0]!, "SIGKILL");
  await test.events.until(() => test.events.faults.length > 0);
  assertEquals(valueOf((await test.run(jobOf("echo", [1])))[0]!), 1);
});

for (const task of ["rejectOutside", "throwOutside"]) {
  Deno.test(`IsolatePool fails a task with its stray error: ${task}`, async () => {
    await using test = await startIsolates();
    const error = await failing(test, jobOf(task));
    assertEquals(error.name, "RangeError");
    assertStringIncludes(error.message, "stray");
  });
}

Deno.test("IsolatePool with two slots per host names the suspects of a crash", async () => {
  await using test = await startIsolates({ slots: 2, slotsPerHost: 2 });
  const neighbour = jobOf("sleep", [60_000], { reportStart: true });
  test.pool.submit([neighbour]);
  await test.events.startOf(neighbour);
  const culprit = jobOf("killHost");
  await test.run(culprit);
  const error = errorOf(await test.events.outcomeOf(neighbour));
  assertEquals(error.name, "WorkerLostError");
  assertStringIncludes(error.message, culprit.id);
});

Deno.test("IsolatePool with two slots per host keeps the neighbour of a task that exits", async () => {
  await using test = await startIsolates({ slots: 2, slotsPerHost: 2 });
  const neighbour = jobOf("sleep", [400], { reportStart: true });
  test.pool.submit([neighbour]);
  await test.events.startOf(neighbour);
  await failing(test, jobOf("exitDeno"));
  assertEquals(valueOf(await test.events.outcomeOf(neighbour)), 400);
});
