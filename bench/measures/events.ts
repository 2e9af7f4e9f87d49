/**
 * What events cost Lovage: a drain while somebody watches and while nobody
 * does, by turns; and nobody watches a worker, by turns with one whose monitor
 * was cut out.
 *
 * @module
 */

import { byTurns, type Side } from "./by_turns.ts";
import { fill } from "./enqueue.ts";
import type { Turn } from "./measure.ts";
import { drainByTurns, type Turns } from "./watching.ts";

/** The rows. */
export const EVENTS = {
  none: "drain without a monitor, /s",
  whole: "drain with a monitor that nobody watches, /s",
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
/** So many times the usual count are queued, so that there are many turns. */
const MORE = 2;

/** Measures all of it. */
export async function measureEvents(turn: Turn, round: number): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  await watched(turn);
  await unwatched(turn, round);
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

async function unwatched(turn: Turn, round: number): Promise<void> {
  const isEven = round % 2 === 0;
  const sides = [
    await side(turn, isEven ? "async" : CUT, 0),
    await side(turn, isEven ? CUT : "async", 1),
  ] as const;
  const found = await byTurns(turn.server, sides);
  const [whole, none] = isEven ? found : found.toReversed();
  if (whole === undefined || none === undefined) return;
  turn.note(EVENTS.none, none.rate);
  turn.note(EVENTS.whole, whole.rate);
  turn.note(EVENTS.offCost, (1 - whole.rate / none.rate) * 100);
  turn.note(EVENTS.offCpu, (whole.cpu / none.cpu - 1) * 100);
}

async function side(
  { contestant, server, scale }: Turn,
  variant: string,
  place: 0 | 1,
): Promise<Side> {
  const url = await server.fresh(place);
  const queued = MORE * scale(contestant.counts.drain);
  await fill(contestant, url, queued, true);
  await server.settle(url);
  const worker = contestant.worker({ url, results: true, variant });
  return { workers: [worker], queued };
}
