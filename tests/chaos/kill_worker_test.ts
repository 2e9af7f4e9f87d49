/**
 * kill -9 of workers, again and again, while tasks run.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { app, leaveTrace } from "./fixtures/tasks.ts";

const TASKS = 5000;
const KILLS = 20;

Deno.test("a worker that is killed twenty times loses no task", async () => {
  const folder = await Deno.makeTempDir();
  const brokerUrl = `sqlite://${folder}/chaos.db`;
  const trace = `${folder}/trace`;
  app.configure({ brokerUrl });
  const results = await app.sendMany(
    Array.from({ length: TASKS }, (_, n) => leaveTrace.s(trace, n)),
  );
  const ended = () =>
    app.results.countByState()
      .then((counts) => counts["SUCCESS"] ?? 0);

  for (let kill = 1; kill <= KILLS; kill++) {
    const worker = startWorker(brokerUrl, kill % 2 === 0 ? "async" : "isolate");
    const goal = Math.min(await ended() + 100, TASKS - (KILLS - kill) * 100);
    await reached(ended, goal);
    worker.kill("SIGKILL");
    await worker.status;
  }
  const last = startWorker(brokerUrl, "isolate");
  await reached(ended, TASKS);
  last.kill("SIGTERM");
  await last.status;

  const executions = await executionsIn(trace);
  let repeated = 0;
  for (const [n, result] of results.entries()) {
    const { state, result: value, meta } = await result.inspect();
    assertEquals([state, value], ["SUCCESS", n]);
    const times = executions.get(n) ?? 0;
    assert(times >= 1, `task ${n} has a result but never ran`);
    assert(
      times - 1 <= (meta.losses ?? 0),
      `task ${n} ran ${times} times with ${meta.losses ?? 0} redeliveries`,
    );
    if (times > 1) repeated++;
  }
  assert(repeated <= TASKS / 10, `${repeated} tasks ran more than once`);
  await app.close();
  await Deno.remove(folder, { recursive: true });
});

function startWorker(brokerUrl: string, pool: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("./fixtures/worker.ts", import.meta.url).pathname,
      pool,
    ],
    env: { LOVAGE_BROKER_URL: brokerUrl },
    stdout: "null",
  }).spawn();
}

/** Polls, because what is waited for happens in processes that are killed. */
async function reached(
  count: () => Promise<number>,
  goal: number,
): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (await count() < goal) {
    assert(
      performance.now() < deadline,
      `only ${await count()} of ${goal} tasks ended within a minute`,
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function executionsIn(trace: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const line of (await Deno.readTextFile(trace)).split("\n")) {
    if (line === "") continue;
    counts.set(Number(line), (counts.get(Number(line)) ?? 0) + 1);
  }
  return counts;
}
