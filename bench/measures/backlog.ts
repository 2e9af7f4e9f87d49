/**
 * Whether a long queue is drained as fast as a short one.
 *
 * @module
 */

import { quantile } from "../samples.ts";
import { drain } from "./draining.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const BACKLOG = {
  few: "drain, 10,000 queued, /s",
  many: "drain, 500,000 queued, /s",
} as const;

const WARM = 30_000;
const FEW = 10_000;
const MANY = 500_000;
const TIMED_OF_MANY = 50_000;
// The end of a queue is left out: it is a wait, not a rate.
const TIMED_OF_FEW = 8_000;
// The short ones are short, so that one alone says little.
const TIMES_FEW = 3;

/** Measures both. */
export async function measureBacklog(turn: Turn): Promise<void> {
  const { contestant, scale, note } = turn;
  if (!contestant.backlog) return;
  const rates: number[] = [];
  for (let time = 0; time < TIMES_FEW; time++) {
    rates.push(await rate(turn, scale(FEW), scale(TIMED_OF_FEW)));
  }
  note(BACKLOG.few, quantile(rates.sort((a, b) => a - b), 0.5));
  note(BACKLOG.many, await rate(turn, scale(MANY), scale(TIMED_OF_MANY)));
}

/** The rate once the worker is warm and so many are left. */
async function rate(
  { contestant, server, scale }: Turn,
  queued: number,
  timed: number,
): Promise<number> {
  const warm = scale(WARM);
  const drained = await drain({
    ...{ contestant, server, warm, timed },
    url: await server.fresh(),
    queued: warm + queued,
    variant: contestant.variants.at(-1) ?? "",
    results: contestant.drains.includes("results"),
  });
  return drained.rate;
}
