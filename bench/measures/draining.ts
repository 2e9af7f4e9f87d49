/**
 * One drain: tasks are queued, workers start, and what is timed begins when
 * they are warm and ends when the store has nothing left to do.
 *
 * @module
 */

import type { Contestant, Watch } from "../contestants/contestant.ts";
import { costOf } from "../cost.ts";
import type { BenchServer } from "../servers.ts";
import { type Progress, WorkerGroup } from "../worker_group.ts";
import { fill } from "./enqueue.ts";

/** How to drain. */
export interface Drain {
  readonly contestant: Contestant;
  readonly server: BenchServer;
  /** Where; nothing is queued there yet. */
  readonly url: string;
  /** How many are queued at the start. */
  readonly queued: number;
  /** How many of them warm the workers up. */
  readonly warm: number;
  /** How many are timed, by what the workers say; otherwise all that are left. */
  readonly timed?: number;
  /** The settings of the workers. */
  readonly variant: string;
  /** Whether results are stored. */
  readonly results: boolean;
  /** How many workers. */
  readonly workers?: number;
}

/** What a drain took. */
export interface Drained {
  /** Tasks per second. */
  readonly rate: number;
  /** CPU seconds of the workers per 10,000 tasks. */
  readonly workerCpu: number;
  /** CPU seconds of the server per 10,000 tasks. */
  readonly serverCpu: number;
  /** The most memory of a worker, in MB. */
  readonly workerMb: number;
  /** Bytes that the server holds for each queued task. */
  readonly queuedBytes: number;
  /** Bytes that it holds for each finished task. */
  readonly finishedBytes: number;
}

/** Drains. */
export async function drain(options: Drain): Promise<Drained> {
  const { contestant, server, url, queued, results, variant } = options;
  // An empty queue of it, so that only tasks count.
  await fill(contestant, url, 0, results);
  const empty = await server.bytes(url);
  await fill(contestant, url, queued, results);
  await server.settle(url);
  const full = await server.bytes(url);
  const watch = await contestant.watch(url);
  try {
    const settings = { url, results, variant };
    await using workers = new WorkerGroup(
      Array.from(
        { length: options.workers ?? 1 },
        () => contestant.worker(settings),
      ),
    );
    const timed = await time(options, workers, watch);
    const finishedBytes = (await server.bytes(url) - empty) / queued;
    return { ...timed, queuedBytes: (full - empty) / queued, finishedBytes };
  } finally {
    await watch.close();
  }
}

type Timed = Omit<Drained, "queuedBytes" | "finishedBytes">;

async function time(
  { contestant, server, queued, warm, timed }: Drain,
  workers: WorkerGroup,
  watch: Watch,
): Promise<Timed> {
  const ran = contestant.reports
    ? (count: number) => workers.ran(count)
    : (count: number) => ranByStore(watch, queued, count);
  const start = await ran(warm);
  const before = { worker: workers.cost().cpu, server: serverCpu(server) };
  const end = timed === undefined
    ? await allDone(ran, watch, queued)
    : await ran(warm + timed);
  const count = end.done - start.done;
  const per = (after: number, before: number) =>
    (after - before) / count * 10_000;
  return {
    rate: count / (end.at - start.at) * 1000,
    workerCpu: per(workers.cost().cpu, before.worker),
    serverCpu: per(serverCpu(server), before.server),
    workerMb: workers.peakMb,
  };
}

function serverCpu(server: BenchServer): number {
  return costOf(server.pids).cpu;
}

/** Waits until the store has nothing left, once all tasks have run. */
async function allDone(
  ran: (count: number) => Promise<Progress>,
  watch: Watch,
  queued: number,
): Promise<Progress> {
  await ran(queued);
  await noneLeft(watch);
  return { done: queued, at: now() };
}

/** Waits until the store has nothing left to do. */
export async function noneLeft(watch: Watch): Promise<void> {
  while (await watch.left() > 0) await pause(2);
}

/** For workers that do not say how far they are. */
async function ranByStore(
  watch: Watch,
  queued: number,
  count: number,
): Promise<Progress> {
  for (;;) {
    const done = queued - await watch.left();
    if (done >= count) return { done, at: now() };
    await pause(10);
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
