/**
 * How fast a backlog is worked off, and what that costs.
 *
 * @module
 */

import { drain, type Drained } from "./draining.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const DRAIN = {
  results: "drain with results, /s",
  bare: "drain without results, /s",
  two: "drain by two workers, /s",
  isolate: "drain by 2 isolates, /s",
  workerCpu: "worker CPU, s per 10,000",
  serverCpu: "server CPU, s per 10,000",
  cpu: "worker and server CPU, s per 10,000",
  workerMb: "worker RSS while draining, MB",
  queuedMb: "server, MB per 10,000 queued",
  finishedMb: "server, MB per 10,000 finished",
} as const;

// A worker that has run a sixth of the tasks is warm.
const WARM = 6;

const MB = 2 ** 20;

/** Measures one worker by each of its settings, then what it does best. */
export async function measureDrain(turn: Turn): Promise<void> {
  const { contestant: { drains: [kind = "bare", other] }, note } = turn;
  const all = await everyVariant(turn, kind);
  const { variant, rate } = all.reduce((a, b) => b.rate > a.rate ? b : a);
  note(DRAIN[kind], rate);
  noteCost(turn, all);
  const two = await one(turn, variant, kind === "results", 2);
  note(DRAIN.two, two.rate);
  if (other === undefined) return;
  note(DRAIN[other], (await one(turn, variant, other === "results")).rate);
}

/** Measures Lovage's other pool. */
export async function measureIsolate(turn: Turn): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  const { rate, workerCpu, workerMb } = await one(turn, "isolate x 2", true);
  turn.note(DRAIN.isolate, rate);
  turn.note("2 isolates: worker CPU, s per 10,000", workerCpu);
  turn.note("2 isolates: RSS with hosts, MB", workerMb);
}

type Variant = Drained & { readonly variant: string };

async function everyVariant(
  turn: Turn,
  kind: "results" | "bare",
): Promise<readonly Variant[]> {
  const { contestant: { variants }, note } = turn;
  const all: Variant[] = [];
  for (const variant of variants) {
    const drained = await one(turn, variant, kind === "results");
    all.push({ ...drained, variant });
    if (variants.length > 1) {
      note(DRAIN[kind].replace(", /s", ` (${variant}), /s`), drained.rate);
    }
  }
  return all;
}

/** Of several variants, what costs least is what counts. */
function noteCost({ note }: Turn, all: readonly Drained[]): void {
  const least = (of: (one: Drained) => number) => Math.min(...all.map(of));
  const thrifty = all.reduce((a, b) =>
    b.workerCpu + b.serverCpu < a.workerCpu + a.serverCpu ? b : a
  );
  note(DRAIN.workerCpu, thrifty.workerCpu);
  note(DRAIN.serverCpu, thrifty.serverCpu);
  note(DRAIN.cpu, thrifty.workerCpu + thrifty.serverCpu);
  note(DRAIN.workerMb, least((one) => one.workerMb));
  note(DRAIN.queuedMb, least((one) => one.queuedBytes) * 10_000 / MB);
  note(DRAIN.finishedMb, least((one) => one.finishedBytes) * 10_000 / MB);
}

async function one(
  { contestant, server, scale }: Turn,
  variant: string,
  results: boolean,
  workers = 1,
): Promise<Drained> {
  const queued = scale(contestant.counts.drain);
  return await drain({
    ...{ contestant, server, variant, results, workers, queued },
    url: await server.fresh(),
    warm: Math.ceil(queued / WARM) * workers,
  });
}
