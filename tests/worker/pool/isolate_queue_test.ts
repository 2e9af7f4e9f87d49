import { assert, assertEquals } from "@std/assert";
import type { Job } from "../../../src/worker/pool/pool.ts";
import { jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const many = (count: number, make: () => Job) =>
  Array.from({ length: count }, make);

Deno.test("IsolatePool runs many jobs, each once", async () => {
  await using test = await startIsolates({ slots: 2 });
  const jobs = Array.from({ length: 5000 }, (_, i) => jobOf("echo", [i]));
  const outcomes = await test.run(...jobs);
  assertEquals(outcomes.map(valueOf), jobs.map((_, i) => i));
});

Deno.test("IsolatePool carries bodies of any text", async () => {
  await using test = await startIsolates();
  const texts = ["", "a\nb", "ä€😀", "\u0000\u2028", '"\\', "x".repeat(1e6)];
  const outcomes = await test.run(
    ...texts.map((text) => jobOf("echo", [text])),
    ...texts.map((text) => jobOf("echo", [text])),
  );
  assertEquals(outcomes.map(valueOf), [...texts, ...texts]);
});

Deno.test("IsolatePool.recall() gives back what has not been started", async () => {
  await using test = await startIsolates();
  // Taught that the task is short, the pool hands many ahead.
  await test.run(...many(20, () => jobOf("spinFor", [0])));
  const long = jobOf("spinFor", [400], { reportStart: true });
  const behind = many(50, () => jobOf("spinFor", [0]));
  test.pool.submit([long, ...behind]);
  await test.events.startOf(long);
  test.pool.recall();
  await test.events.until(() => test.events.returnedKeys.length === 50);
  assert(!test.events.outcomes.has(long.key));
  assertEquals(
    test.events.returnedKeys.toSorted((a, b) => a - b),
    behind.map((job) => job.key),
  );
  assertEquals(valueOf(await test.events.outcomeOf(long)), 400);
  assertEquals(valueOf((await test.run(jobOf("echo", [1])))[0]!), 1);
});

Deno.test("IsolatePool moves jobs from behind a long one to a free slot", async () => {
  await using test = await startIsolates({ slots: 2 });
  await test.run(...many(40, () => jobOf("spinFor", [0])));
  const long = jobOf("spinFor", [1000]);
  const behind = many(60, () => jobOf("spinFor", [0]));
  const began = Date.now();
  test.pool.submit([long, ...behind]);
  await test.events.until(() => test.events.outcomes.size >= 100);
  const took = Date.now() - began;
  assert(!test.events.outcomes.has(long.key));
  assert(took < 600, `took ${took} ms`);
});

Deno.test("IsolatePool hands nothing ahead to a slot with a long task", async () => {
  await using test = await startIsolates({ slots: 2 });
  await test.run(jobOf("sleep", [100]), jobOf("sleep", [100]));
  const began = Date.now();
  const [, , third] = many(3, () => jobOf("sleep", [300]));
  const first = many(2, () => jobOf("sleep", [300]));
  test.pool.submit([...first, third!]);
  await pause(100);
  test.pool.recall();
  await test.events.until(() => test.events.returnedKeys.length > 0);
  assertEquals(test.events.returnedKeys, [third!.key]);
  assert(Date.now() - began < 250);
});

Deno.test("IsolatePool survives recalls at any time, each job having one end", async () => {
  await using test = await startIsolates({ slots: 2 });
  const jobs: Job[] = [];
  for (let round = 0; round < 100; round++) {
    const batch = many(50, () => jobOf("echo", [round]));
    jobs.push(...batch);
    test.pool.submit(batch);
    await pause(round % 4);
    test.pool.recall();
  }
  const { outcomes, returnedKeys } = test.events;
  await test.events.until(() =>
    outcomes.size + returnedKeys.length === jobs.length
  );
  assertEquals(
    [...outcomes.keys(), ...returnedKeys].toSorted((a, b) => a - b),
    jobs.map((job) => job.key),
  );
});

Deno.test("IsolatePool.stop('warm') finishes what runs and returns the rest", async () => {
  await using test = await startIsolates({ slots: 2 });
  const jobs = many(10, () => jobOf("sleep", [200], { reportStart: true }));
  test.pool.submit(jobs);
  await test.events.startOf(jobs[0]!);
  await test.events.startOf(jobs[1]!);
  await test.pool.stop("warm");
  assertEquals(test.events.outcomes.size, 2);
  assertEquals(test.events.returnedKeys.length, 8);
  assertEquals(test.pool.pids, []);
});

Deno.test("IsolatePool.stop('cold') releases what runs and returns the rest", async () => {
  await using test = await startIsolates({ slots: 2 });
  const jobs = many(10, () => jobOf("spin", [], { reportStart: true }));
  test.pool.submit(jobs);
  await test.events.startOf(jobs[0]!);
  await test.events.startOf(jobs[1]!);
  const began = Date.now();
  await test.pool.stop("cold");
  assert(Date.now() - began < 500);
  assertEquals(test.events.outcomes.get(jobs[0]!.key)?.kind, "released");
  assertEquals(test.events.outcomes.get(jobs[1]!.key)?.kind, "released");
  assertEquals(test.events.returnedKeys.length, 8);
});

Deno.test("IsolatePool.stop('cold') overrides a warm stop under way", async () => {
  await using test = await startIsolates();
  const job = jobOf("spin", [], { reportStart: true });
  test.pool.submit([job]);
  await test.events.startOf(job);
  const warm = test.pool.stop("warm");
  await pause(50);
  await test.pool.stop("cold");
  await warm;
  assertEquals(test.events.outcomes.get(job.key)?.kind, "released");
  assertEquals(test.events.faults, []);
});

Deno.test("IsolatePool.stop() works while hosts are being started", async () => {
  await using test = await startIsolates({ slots: 3 });
  const walls = { permissions: '{"read":true}', memoryLimit: null };
  const job = jobOf("noop", [], { walls });
  test.pool.submit([job]);
  await pause(1);
  await test.pool.stop("warm");
  assertEquals(test.events.returnedKeys, [job.key]);
  assertEquals(test.pool.pids, []);
});

Deno.test("IsolatePool.submit() returns jobs after a stop", async () => {
  await using test = await startIsolates();
  await test.pool.stop("warm");
  const job = jobOf("noop");
  test.pool.submit([job]);
  assertEquals(test.events.returnedKeys, [job.key]);
});
