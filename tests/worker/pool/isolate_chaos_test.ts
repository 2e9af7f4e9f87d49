import { assert, assertEquals } from "@std/assert";
import type { Job } from "../../../src/worker/pool/pool.ts";
import { jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";
import { isAlive } from "./fixtures/processes.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Numbers that look random and are the same in every run. */
function random(seed: number): () => number {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

/** Ends a host by force, unless it has just ended by itself. */
function killHard(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

for (const slotsPerHost of [1, 2]) {
  Deno.test(`IsolatePool gives each job one end, whatever happens (${slotsPerHost} per host)`, async () => {
    await using test = await startIsolates({
      slots: 4,
      slotsPerHost,
      maxTasksPerChild: 200,
    });
    const next = random(slotsPerHost);
    const pick = <T>(items: readonly T[]): T =>
      items[Math.floor(next() * items.length)]!;
    const makers: (() => Job)[] = [
      () => jobOf("noop"),
      () => jobOf("echo", ["x".repeat(next() * 1000)]),
      () => jobOf("spinFor", [next() * 5]),
      () => jobOf("sleep", [next() * 30]),
      () => jobOf("fail"),
      () => jobOf("sleep", [5], { hardLimit: 6, softLimit: 3 }),
    ];
    const rare: (() => Job)[] = [
      () => jobOf("exitDeno"),
      () => jobOf("spin", [], { hardLimit: 20 }),
      () => jobOf("rejectOutside"),
      () =>
        jobOf("noop", [], {
          walls: { permissions: '{"read":true}', memoryLimit: null },
        }),
    ];
    const jobs: Job[] = [];
    const ended = () =>
      test.events.outcomes.size + test.events.returnedKeys.length;
    for (let round = 0; round < 150; round++) {
      const batch = Array.from({ length: 20 }, () => pick(makers)());
      if (round % 5 === 0) batch.push(pick(rare)());
      jobs.push(...batch);
      test.pool.submit(batch);
      await pause(next() * 15);
      if (next() < 0.1) test.pool.recall();
      if (next() < 0.2) test.pool.interrupt(pick(jobs).key, "revoked");
      if (next() < 0.2) {
        test.pool.kill(pick(batch).key, {
          kind: "revoked",
          detail: "killed",
          endedAt: Date.now(),
        });
      }
      if (next() < 0.05 && test.pool.pids.length > 0) {
        killHard(pick(test.pool.pids));
      }
    }
    await test.events.until(() => ended() === jobs.length, 30_000);
    const keys = [...test.events.outcomes.keys(), ...test.events.returnedKeys];
    assertEquals(new Set(keys).size, jobs.length);
    const kinds = [...test.events.outcomes.values()].map(({ kind }) => kind);
    assert(kinds.filter((kind) => kind === "success").length > 100);
    // It works as before.
    const outcomes = await test.run(jobOf("echo", [1]), jobOf("echo", [2]));
    assertEquals(outcomes.map(valueOf), [1, 2]);
    const hosts = test.pool.pids;
    assert(hosts.length > 0);
    await test.pool.stop("warm");
    assertEquals(hosts.filter(isAlive), []);
  });
}
