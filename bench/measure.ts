/**
 * What is measured of Lovage on SQLite. Each function makes a database of its
 * own and says how fast one thing went.
 *
 * @module
 */

import { Lovage, type Signature } from "@lovage/lovage";
import { PAYLOAD } from "./tasks.ts";

const TASKS_MODULE = new URL("./tasks.ts", import.meta.url).href;

/** A fresh app on a fresh database. */
async function onFreshApp<T>(
  use: (app: Lovage, noop: Noop, brokerUrl: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "lovage-bench-" });
  const brokerUrl = `sqlite://${folder}/bench.db`;
  const app = new Lovage("bench", { brokerUrl });
  const noop = app.task("bench.noop", (n: number, _payload: string) => n);
  try {
    await app.sendMany([]);
    return await use(app, noop, brokerUrl);
  } finally {
    await app.close();
    await Deno.remove(folder, { recursive: true });
  }
}

type Noop = {
  s(n: number, payload: string): Signature<[], number>;
  delay(n: number, payload: string): Promise<unknown>;
};

/** Sends per second, one after the other. */
export function sendOneByOne(count: number): Promise<number> {
  return onFreshApp((_, noop) =>
    rate(count, async () => {
      for (let n = 0; n < count; n++) await noop.delay(n, PAYLOAD);
    })
  );
}

/** Sends per second, a hundred at a time in flight. */
export function sendInFlight(count: number): Promise<number> {
  return onFreshApp((_, noop) =>
    rate(count, async () => {
      let n = 0;
      const lane = async () => {
        while (n < count) await noop.delay(n++, PAYLOAD);
      };
      await Promise.all(Array.from({ length: 100 }, lane));
    })
  );
}

/** Sends per second by `sendMany`, a thousand a call. */
export function sendBulk(count: number): Promise<number> {
  return onFreshApp((app, noop) => rate(count, () => fill(app, noop, count)));
}

async function fill(app: Lovage, noop: Noop, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1000) {
    const size = Math.min(1000, count - from);
    await app.sendMany(
      Array.from({ length: size }, (_, n) => noop.s(from + n, PAYLOAD)),
    );
  }
}

/** How to drain. */
export interface DrainOptions {
  /** Where tasks run. */
  readonly pool: "async" | "isolate";
  /** How many wait at the start. */
  readonly queued: number;
  /** How many of them are timed. */
  readonly timed: number;
}

/** Tasks per second of one worker, results stored. */
export function drain({ pool, queued, timed }: DrainOptions): Promise<number> {
  return onFreshApp(async (app, noop) => {
    await fill(app, noop, queued);
    const worker = await app.worker({
      pool,
      module: TASKS_MODULE,
      ...(pool === "isolate" ? { concurrency: 2 } : {}),
    });
    const done = () => worker.totals.ended["success"] ?? 0;
    // The first tasks warm it up.
    const warm = Math.min(2000, timed / 5);
    await until(() => done() >= warm);
    const before = done();
    const perSecond = await rate(1, () => until(() => done() >= timed));
    const counted = done() - before;
    await worker.stop("cold");
    return counted * perSecond;
  });
}

/** Latencies from the send in one process to the run in another, in ms. */
export function pickupLatencies(count: number): Promise<number[]> {
  return onFreshApp(async (app, _, brokerUrl) => {
    const worker = startWorker(brokerUrl, ["-P", "async"]);
    try {
      const pickup = app.task("bench.pickup", (_sentAt: number) => 0);
      const latencies: number[] = [];
      for (let n = 0; n < count + 10; n++) {
        const sentAt = performance.timeOrigin + performance.now();
        const result = await pickup.delay(sentAt);
        const latency = await result.get({ timeout: "20s" });
        // The first few meet a worker that is still starting.
        if (n >= 10) latencies.push(latency);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return latencies;
    } finally {
      worker.kill("SIGTERM");
      await worker.status;
    }
  });
}

/** What a worker takes while it has nothing to do. */
export interface IdleCost {
  /** CPU of the worker and its hosts, in percent of one core. */
  readonly cpuPercent: number;
  /** Memory of the worker process, in MB. */
  readonly workerMb: number;
  /** Memory of the worker and its hosts, in MB. */
  readonly treeMb: number;
}

/** Measures an idle worker with two isolates, for so many seconds. */
export function idleCost(seconds: number): Promise<IdleCost> {
  return onFreshApp(async (app, noop, brokerUrl) => {
    const worker = startWorker(brokerUrl, ["-c", "2"]);
    try {
      const result = await app.sendMany([noop.s(1, PAYLOAD)]);
      await result[0]?.get({ timeout: "20s" });
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const before = processTree(worker.pid);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const after = processTree(worker.pid);
      const ticks = sum(after, "ticks") - sum(before, "ticks");
      return {
        cpuPercent: ticks / TICKS_PER_SECOND / seconds * 100,
        workerMb: after[0]?.mb ?? 0,
        treeMb: sum(after, "mb"),
      };
    } finally {
      worker.kill("SIGTERM");
      await worker.status;
    }
  });
}

function startWorker(
  brokerUrl: string,
  flags: readonly string[],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("../cli.ts", import.meta.url).pathname,
      "worker",
      "--app",
      new URL(TASKS_MODULE).pathname,
      "--loglevel",
      "warning",
      ...flags,
    ],
    env: { LOVAGE_BROKER_URL: brokerUrl },
    stdout: "null",
  }).spawn();
}

const TICKS_PER_SECOND = 100;

interface ProcessCost {
  readonly ticks: number;
  readonly mb: number;
}

/** The cost so far of a process and its children, from `/proc`. */
function processTree(pid: number): readonly ProcessCost[] {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const pages = Number(
    Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1],
  );
  const children = [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap((task) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${task.name}/children`)
      .split(" ").filter((child) => child !== "").map(Number)
  );
  return [
    { ticks, mb: pages * 4096 / 2 ** 20 },
    ...children.flatMap(processTree),
  ];
}

function sum(costs: readonly ProcessCost[], key: keyof ProcessCost): number {
  return costs.reduce((total, cost) => total + cost[key], 0);
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return count / (performance.now() - start) * 1000;
}

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 1));
}
