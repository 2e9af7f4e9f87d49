/**
 * One drain that is watched and not watched by turns: the machine is the same
 * for both, which it is not for two drains one after the other.
 *
 * @module
 */

import { lovageWatcher } from "../contestants/lovage.ts";
import { costOf } from "../cost.ts";
import { Driver } from "../processes.ts";
import { WorkerGroup } from "../worker_group.ts";
import { fill } from "./enqueue.ts";
import type { Turn } from "./measure.ts";

/** How long each turn is, in ms. */
const TURN = 1_000;
/** The beginning of a turn is not measured: what was saved up is told then. */
const BEGINNING = 250;
/** So many times the usual count are queued, so that there are many turns. */
const MORE = 4;

/** What the turns of one kind came to. CPU is in seconds. */
export interface Turns {
  tasks: number;
  seconds: number;
  workerCpu: number;
  serverCpu: number;
  watcherCpu: number;
  heard: number;
}

/** Drains by turns. */
export async function drainByTurns(
  turn: Turn,
): Promise<{ readonly on: Turns; readonly off: Turns }> {
  const { contestant, server, scale } = turn;
  const url = await server.fresh();
  const queued = MORE * scale(contestant.counts.drain);
  await fill(contestant, url, queued, true);
  await server.settle(url);
  const settings = { url, results: true, variant: "async" };
  await using workers = new WorkerGroup([contestant.worker(settings)]);
  await workers.ran(Math.ceil(queued / 24));
  const of = { watching: false, heard: 0, ended: false };
  let next = Promise.withResolvers<void>();
  await using watcher = new Driver(lovageWatcher(url, TURN), (line) => {
    if (typeof line["heard"] === "number") of.heard = line["heard"];
    if (typeof line["watching"] !== "boolean") return;
    of.watching = line["watching"];
    next.resolve();
  });
  void workers.ran(queued).then(() => {
    of.ended = true;
    next.resolve();
  }, () => {});
  const look = (): Turns => {
    const { done, at } = workers.progress;
    return {
      ...{ tasks: done, seconds: at / 1000, heard: of.heard },
      workerCpu: workers.cost().cpu,
      serverCpu: costOf(server.pids).cpu,
      watcherCpu: costOf([watcher.pid]).cpu,
    };
  };
  const found = { on: nothing(), off: nothing() };
  for (;;) {
    await next.promise;
    if (of.ended) return found;
    next = Promise.withResolvers();
    const { watching } = of;
    await pause(BEGINNING);
    const before = look();
    await pause(TURN - BEGINNING - 100);
    const after = look();
    if (of.ended) return found;
    if (after.seconds > before.seconds) {
      add(watching ? found.on : found.off, before, after);
    }
  }
}

function nothing(): Turns {
  return {
    ...{ tasks: 0, seconds: 0, heard: 0 },
    ...{ workerCpu: 0, serverCpu: 0, watcherCpu: 0 },
  };
}

function add(to: Turns, before: Turns, after: Turns): void {
  for (const key of Object.keys(to) as (keyof Turns)[]) {
    to[key] += after[key] - before[key];
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
