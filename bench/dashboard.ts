/**
 * How long the dashboard takes for its first data over a million results:
 * `deno run -A bench/dashboard.ts redis://localhost:6379/9 [how many]`. Fills
 * the store that is named, so name one that holds nothing else. What is asked
 * is asked once, cold, and in this process: its memory counts the filling.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import { dashboard } from "@lovage/lovage/dashboard";
import type { ResultRecord } from "../src/contracts/result_backend.ts";
import { internalsOf } from "../src/internals.ts";

const BATCH = 2_000;
const DAY = 86_400_000;

/** The n-th of all results: one in a hundred failed, few are of a rare task. */
function recordOf(n: number, at: number): ResultRecord {
  const failed = n % 100 === 0;
  const times = { PENDING: at - 50, STARTED: at - 10 };
  const queue = n % 500 === 3 ? { queue: "mail" } : {};
  return {
    id: `t${n}`,
    state: failed ? "FAILURE" : "SUCCESS",
    ended: true,
    task: n % 1_000 === 7 ? "rare.task" : "common.task",
    worker: `w${n % 10}@host`,
    updatedAt: at,
    expiresAt: at + DAY,
    value: failed ? null : `"r${n}"`,
    error: failed
      ? JSON.stringify({ name: "TypeError", message: `bad ${n}` })
      : null,
    meta: JSON.stringify({ times, retries: 0, ...queue }),
  };
}

async function main([url, many = "1000000"]: readonly string[]): Promise<void> {
  if (url === undefined) {
    console.error("Name an empty store: bench/dashboard.ts redis://localhost");
    Deno.exit(2);
  }
  await using app = new Lovage("bench", { brokerUrl: url });
  const { backend } = await internalsOf(app).stores.open();
  const total = Number(many);
  const first = Date.now() - total;
  for (let from = 0; from < total; from += BATCH) {
    await backend.results.store(
      Array.from(
        { length: Math.min(BATCH, total - from) },
        (_, at) => recordOf(from + at, first + from + at),
      ),
    );
  }
  await using ops = dashboard(app, { unauthenticated: true });
  const paths = [
    ...["/", "/tasks", "/queues", "/workers", "/schedules", "/dead"],
    ...["/tasks?state=FAILURE", "/tasks?name=rare.task", "/tasks?queue=mail"],
    ...["/tasks?worker=w3@host", "/tasks?text=nothing", "/tasks?sort=runtime"],
    ...["/tasks?state=FAILURE&text=bad%201000", "/tasks/t500", "/metrics"],
    `/api/v1/tasks?until=${first + total / 2}`,
  ];
  for (const path of paths) {
    const start = performance.now();
    const response = await ops(new Request(`http://localhost${path}`));
    await response.text();
    const ms = Math.round(performance.now() - start);
    console.log(`${response.status} ${String(ms).padStart(5)} ms ${path}`);
  }
  console.log(`${Math.round(Deno.memoryUsage().rss / 1e6)} MB resident`);
}

if (import.meta.main) await main(Deno.args);
