/**
 * `deno task bench`: Lovage on SQLite beside the raw floor, in alternating
 * rounds of one run. Prints medians and spreads as a table, and with `--json`
 * as JSON.
 *
 * @module
 */

import { measureFloor } from "./floor.ts";
import {
  drain,
  idleCost,
  pickupLatencies,
  sendBulk,
  sendInFlight,
  sendOneByOne,
} from "./measure.ts";

const ROUNDS = 5;
const TASKS = 50_000;
const BACKLOG = 500_000;

const rows: Record<string, number[]> = {};
const note = (row: string, value: number): void => {
  (rows[row] ??= []).push(value);
};

for (let round = 1; round <= ROUNDS; round++) {
  console.error(`round ${round} of ${ROUNDS}`);
  const folder = await Deno.makeTempDir({ prefix: "lovage-floor-" });
  const floor = measureFloor(`${folder}/floor.db`, TASKS);
  await Deno.remove(folder, { recursive: true });
  note("floor: enqueue", floor.enqueue);
  note("floor: drain", floor.drain);
  note("enqueue, one by one", await sendOneByOne(2000));
  note("enqueue, 100 in flight", await sendInFlight(TASKS));
  note("enqueue, sendMany", await sendBulk(TASKS));
  const timed = TASKS;
  note("drain, async", await drain({ pool: "async", queued: TASKS, timed }));
  note(
    "drain, isolate x 2",
    await drain({ pool: "isolate", queued: TASKS, timed }),
  );
  const few = { pool: "async", queued: 10_000, timed: 10_000 } as const;
  note("drain, 10,000 queued", await drain(few));
  note(
    "drain, 500,000 queued",
    await drain({ ...few, queued: BACKLOG, timed: 50_000 }),
  );
  const latencies = (await pickupLatencies(200)).sort((a, b) => a - b);
  note("pickup p50, ms", quantile(latencies, 0.5));
  note("pickup p99, ms", quantile(latencies, 0.99));
}
const idle = await idleCost(10);
note("idle CPU, %", idle.cpuPercent);
note("idle RSS of the worker, MB", idle.workerMb);
note("idle RSS with two hosts, MB", idle.treeMb);

const ratios: readonly (readonly [string, string, string, number])[] = [
  ["sendMany / floor", "enqueue, sendMany", "floor: enqueue", 0.5],
  ["async drain / floor", "drain, async", "floor: drain", 0.5],
  ["isolate drain / async drain", "drain, isolate x 2", "drain, async", 0.5],
  [
    "500,000 / 10,000 queued",
    "drain, 500,000 queued",
    "drain, 10,000 queued",
    0.9,
  ],
];

if (Deno.args.includes("--json")) {
  console.log(JSON.stringify({ rounds: ROUNDS, rows }, null, 2));
} else print();

function print(): void {
  console.log(`\n| | median | min | max |\n| --- | --: | --: | --: |`);
  for (const [row, values] of Object.entries(rows)) {
    const sorted = values.toSorted((a, b) => a - b);
    const cells = [quantile(sorted, 0.5), sorted[0], sorted.at(-1)];
    console.log(
      `| ${row} | ${cells.map((cell) => show(cell ?? 0)).join(" | ")} |`,
    );
  }
  console.log(
    `\n| ratio, round by round | median | wanted |\n| --- | --: | --: |`,
  );
  for (const [name, upper, lower, bar] of ratios) {
    const each = (rows[upper] ?? []).map((value, round) =>
      value / (rows[lower]?.[round] ?? NaN)
    ).sort((a, b) => a - b);
    console.log(`| ${name} | ${quantile(each, 0.5).toFixed(2)} | ${bar} |`);
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  ] ?? NaN;
}

function show(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(2);
}
