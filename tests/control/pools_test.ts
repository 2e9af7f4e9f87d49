/** Pools that grow, shrink and load their code anew while they run. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { AsyncPool } from "../../src/worker/pool/async.ts";
import type { Job, PoolEvents } from "../../src/worker/pool/pool.ts";
import type { Outcome } from "../../src/worker/outcome.ts";
import { isAlive } from "../worker/pool/fixtures/processes.ts";
import {
  jobOf,
  startIsolates,
  valueOf,
} from "../worker/pool/fixtures/pools.ts";
import { until } from "../_helpers.ts";

const started = { reportStart: true };
const hold = (ms = 60_000) => jobOf("sleep", [ms], started);
const terminated = (): Outcome => ({
  kind: "revoked",
  detail: "enough",
  terminated: true,
  endedAt: Date.now(),
});

Deno.test("IsolatePool.resize() opens slots for what waits", async () => {
  await using test = await startIsolates({ slots: 1 });
  const jobs = [hold(), hold(), hold()];
  test.pool.submit(jobs);
  await test.events.startOf(jobs[0] as Job);
  assertEquals(test.pool.running.size, 1);
  test.pool.resize(3);
  assertEquals(test.pool.slots, 3);
  for (const job of jobs) await test.events.startOf(job);
  assertEquals(test.pool.running.size, 3);
});

Deno.test("IsolatePool.resize() lets what runs end, and its hosts go", async () => {
  await using test = await startIsolates({ slots: 3 });
  const jobs = [hold(), hold(), hold()];
  test.pool.submit(jobs);
  for (const job of jobs) await test.events.startOf(job);
  const before = test.pool.pids;
  test.pool.resize(1);
  assertEquals([test.pool.slots, test.pool.running.size], [1, 3]);
  const later = hold(1);
  test.pool.submit([later]);
  for (const job of jobs) test.pool.kill(job.key, terminated());
  assertEquals((await test.events.outcomeOf(later)).kind, "success");
  for (const job of jobs) {
    assertEquals((await test.events.outcomeOf(job)).kind, "revoked");
  }
  // One slot and one spare are left.
  await until(() => test.pool.pids.length <= 2, "the hosts to end");
  await until(() => before.filter(isAlive).length <= 2, "their processes, too");
  // What stays is fit for work.
  const [one, two] = await test.run(jobOf("where"), jobOf("where"));
  assertEquals(one?.kind, "success");
  assertEquals(two?.kind, "success");
});

Deno.test("IsolatePool.resize() takes idle slots first", async () => {
  await using test = await startIsolates({ slots: 3 });
  const job = hold();
  test.pool.submit([job]);
  await test.events.startOf(job);
  test.pool.resize(1);
  await until(() => test.pool.pids.length <= 2, "the idle hosts to end");
  assertEquals(test.events.outcomes.size, 0);
  assertEquals(test.pool.running.size, 1);
  // The only slot is busy: the next job waits for it.
  const next = jobOf("where");
  test.pool.submit([next]);
  test.pool.kill(job.key, terminated());
  assertEquals((await test.events.outcomeOf(next)).kind, "success");
});

Deno.test("IsolatePool.resize() to and fro hurts nothing that runs", async () => {
  await using test = await startIsolates({ slots: 1 });
  test.pool.resize(2);
  const jobs = [hold(), hold()];
  test.pool.submit(jobs);
  for (const job of jobs) await test.events.startOf(job);
  for (let round = 0; round < 5; round++) {
    test.pool.resize(1);
    test.pool.resize(2);
  }
  const quick = jobOf("where");
  test.pool.submit([quick]);
  assertEquals((await test.events.outcomeOf(quick)).kind, "success");
  assertEquals(test.events.outcomes.size, 1);
  assertEquals([...test.pool.running].sort(), jobs.map(({ key }) => key));
  assertEquals(test.events.faults, []);
});

Deno.test("a pool that stops while slots leave stops", async () => {
  const test = await startIsolates({ slots: 3 });
  const jobs = [hold(), hold(), hold()];
  test.pool.submit(jobs);
  for (const job of jobs) await test.events.startOf(job);
  test.pool.resize(1);
  await test.pool.stop("cold");
  for (const job of jobs) {
    assertEquals((await test.events.outcomeOf(job)).kind, "released");
  }
  assertEquals(test.pool.pids, []);
  test.pool.resize(5);
  test.pool.restart();
  assertEquals(test.pool.pids, []);
});

for (const slotsPerHost of [1, 2]) {
  Deno.test(`IsolatePool.restart() loads code anew, after what runs (${slotsPerHost} per host)`, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/tasks.ts`;
    const write = (version: number) =>
      Deno.writeTextFile(
        path,
        `export const tasks = {
          version: () => ${version},
          hold: () => new Promise((resolve) => {
            const timer = setInterval(() => {
              try { Deno.statSync(${
          JSON.stringify(`${folder}/go`)
        }); } catch { return; }
              clearInterval(timer);
              resolve(${version});
            }, 5);
          }),
        };\n`,
      );
    await write(1);
    {
      await using test = await startIsolates({
        slots: 2,
        slotsPerHost,
        module: new URL(`file://${path}`).href,
      });
      const [old] = await test.run(jobOf("version"));
      assertEquals(valueOf(old as Outcome), 1);
      const held = jobOf("hold", [], started);
      test.pool.submit([held]);
      await test.events.startOf(held);
      const before = test.pool.pids;

      await write(2);
      test.pool.restart();
      // One host is busy; the other slot has the new code.
      const versions = await test.run(jobOf("version"), jobOf("version"));
      assertEquals(versions.map(valueOf), [2, 2]);
      assertEquals(test.events.outcomes.has(held.key), false);
      await Deno.writeTextFile(`${folder}/go`, "");
      assertEquals(valueOf(await test.events.outcomeOf(held)), 1);
      await until(() => !before.some(isAlive), "all hosts of before to end");
      const [after] = await test.run(jobOf("version"));
      assertEquals(valueOf(after as Outcome), 2);
      assertNotEquals(test.pool.pids, before);
      assertEquals(test.events.faults, []);

      // Also twice in a row, while hosts are still starting.
      test.pool.restart();
      test.pool.restart();
      const [again] = await test.run(jobOf("version"));
      assertEquals(valueOf(again as Outcome), 2);
      assertEquals(test.events.faults, []);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

/** An async pool over promises that the test settles. */
function asyncPool(slots: number) {
  const ends = new Map<string, () => void>();
  const ended: Job[] = [];
  const events: PoolEvents = {
    started: () => {},
    told: () => {},
    ended: (job) => void ended.push(job),
    returned: () => {},
  };
  const pool = new AsyncPool({
    slots,
    runner: {
      start: (body) => ({
        outcome: new Promise((resolve) => {
          const { id } = JSON.parse(body) as { id: string };
          ends.set(
            id,
            () => resolve({ kind: "success", value: null, endedAt: 0 }),
          );
        }),
        interrupt: () => {},
      }),
      each: (jobs, start) => jobs.forEach((job) => start(job)),
      end: () => Promise.resolve(),
    },
    hostname: "x",
    events,
    clock: { now: () => 0, timer: () => () => {} },
  });
  const end = async (job: Job) => {
    ends.get(job.id)?.();
    await until(() => ended.includes(job), "the end");
  };
  return { pool, end };
}

Deno.test("AsyncPool.resize() starts what waits, and lets what runs end", async () => {
  const { pool, end } = asyncPool(1);
  const jobs = Array.from({ length: 5 }, () => jobOf("any"));
  const [a, b, c, d, e] = jobs as [Job, Job, Job, Job, Job];
  pool.submit(jobs);
  assertEquals([...pool.running], [a.key]);
  pool.resize(3);
  assertEquals([...pool.running], [a.key, b.key, c.key]);
  pool.resize(1);
  assertEquals(pool.slots, 1);
  await end(a);
  await end(b);
  // Two are less than before, but one is what may run.
  assertEquals([...pool.running], [c.key]);
  await end(c);
  assertEquals([...pool.running], [d.key]);
  await end(d);
  await end(e);
  await pool.stop("warm");
  assert(pool.running.size === 0);
});
