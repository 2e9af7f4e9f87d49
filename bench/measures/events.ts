/**
 * What events cost Lovage: the same drain while somebody watches, while
 * nobody does, and by a worker whose monitor was cut out.
 *
 * @module
 */

import { lovageWatcher } from "../contestants/lovage.ts";
import { Driver } from "../processes.ts";
import { drain, type Drained } from "./draining.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const EVENTS = {
  none: "drain without a monitor, /s",
  off: "drain unwatched, /s",
  on: "drain watched, /s",
  told: "tasks whose course was told, while watched, %",
  cpu: "CPU cost of events while watched, %",
  cost: "cost of events while watched, %",
  offCost: "cost of events while unwatched, %",
  offCpu: "CPU cost of events while unwatched, %",
} as const;

/** What a worker is told to have no monitor. */
export const CUT = "async without a monitor";

const EVENTS_PER_TASK = 3;

type Case = "none" | "off" | "on";
const CASES: readonly Case[] = ["none", "off", "on"];

/** Measures all three; which goes first goes round. */
export async function measureEvents(turn: Turn, round: number): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  const found: Partial<Record<Case, Drained>> = {};
  for (const [index] of CASES.entries()) {
    const which = CASES[(index + round) % CASES.length] ?? "off";
    found[which] = await one(turn, which);
    turn.note(EVENTS[which], found[which].rate);
  }
  const { none, off, on } = found;
  if (none === undefined || off === undefined || on === undefined) return;
  turn.note(EVENTS.cost, (1 - on.rate / off.rate) * 100);
  turn.note(EVENTS.offCost, (1 - off.rate / none.rate) * 100);
  turn.note(EVENTS.cpu, (on.workerCpu / off.workerCpu - 1) * 100);
  turn.note(EVENTS.offCpu, (off.workerCpu / none.workerCpu - 1) * 100);
}

async function one(turn: Turn, which: Case): Promise<Drained> {
  const { contestant, server, scale } = turn;
  const queued = scale(contestant.counts.drain);
  const url = await server.fresh();
  const options = {
    ...{ contestant, server, url, queued, results: true },
    warm: Math.ceil(queued / 6),
    variant: which === "none" ? CUT : "async",
  };
  if (which !== "on") return await drain(options);
  let told = 0;
  await using _watcher = new Driver(lovageWatcher(url), ({ heard }) => {
    if (typeof heard === "number") told = heard;
  });
  const drained = await drain(options);
  turn.note(EVENTS.told, told / EVENTS_PER_TASK / queued * 100);
  return drained;
}
