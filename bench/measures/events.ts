/**
 * What events cost Lovage: a drain while somebody watches and while nobody
 * does, by turns; and one by a worker whose monitor was cut out.
 *
 * @module
 */

import { drain, type Drained } from "./draining.ts";
import type { Turn } from "./measure.ts";
import { drainByTurns, type Turns } from "./watching.ts";

/** The rows. */
export const EVENTS = {
  none: "drain without a monitor, /s",
  off: "drain unwatched, /s",
  on: "drain watched, /s",
  told: "tasks whose course was told, while watched, /s",
  cpu: "CPU cost of events while watched, %",
  serverCpu: "server CPU cost of events while watched, %",
  watcherCpu: "CPU of who watches, %",
  cost: "cost of events while watched, %",
  offCost: "cost of events while unwatched, %",
  offCpu: "CPU cost of events while unwatched, %",
} as const;

/** What a worker is told to have no monitor. */
export const CUT = "async without a monitor";

const EVENTS_PER_TASK = 3;

/** Measures all of it; what goes first alternates. */
export async function measureEvents(turn: Turn, round: number): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  await watched(turn);
  const order = round % 2 === 0 ? ["async", CUT] : [CUT, "async"];
  const found: Record<string, Drained> = {};
  for (const variant of order) found[variant] = await one(turn, variant);
  const { async: off, [CUT]: none } = found;
  if (off === undefined || none === undefined) return;
  turn.note(EVENTS.none, none.rate);
  turn.note(EVENTS.offCost, (1 - off.rate / none.rate) * 100);
  turn.note(EVENTS.offCpu, (off.workerCpu / none.workerCpu - 1) * 100);
}

async function watched(turn: Turn): Promise<void> {
  const { on, off } = await drainByTurns(turn);
  const rate = ({ tasks, seconds }: Turns) => tasks / seconds;
  const more = (cpu: "workerCpu" | "serverCpu") =>
    (on[cpu] / on.tasks / (off[cpu] / off.tasks) - 1) * 100;
  turn.note(EVENTS.on, rate(on));
  turn.note(EVENTS.off, rate(off));
  turn.note(EVENTS.cost, (1 - rate(on) / rate(off)) * 100);
  turn.note(EVENTS.cpu, more("workerCpu"));
  turn.note(EVENTS.serverCpu, more("serverCpu"));
  turn.note(EVENTS.watcherCpu, on.watcherCpu / on.seconds * 100);
  turn.note(EVENTS.told, on.heard / EVENTS_PER_TASK / on.seconds);
}

async function one(turn: Turn, variant: string): Promise<Drained> {
  const { contestant, server, scale } = turn;
  const queued = scale(contestant.counts.drain);
  return await drain({
    ...{ contestant, server, queued, variant, results: true },
    url: await server.fresh(),
    warm: Math.ceil(queued / 6),
  });
}
