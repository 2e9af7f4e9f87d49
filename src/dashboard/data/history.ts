/**
 * What was counted over time, as charts show it.
 *
 * @module
 */

import type { HistoryCounts } from "../../contracts/history.ts";
import {
  BOUNDS,
  BUCKETS,
  COUNTS,
  PLACE,
  readSeries,
} from "../../control/counted.ts";
import type { OpenStores } from "../../producer/stores.ts";
import type { History, HistoryPoint, HistoryQuery } from "./types/overview.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** Up to this span it is shown by the minute. */
const BY_MINUTE = 6 * HOUR;
const LONGEST = 90 * 24 * HOUR;

/** The history of all tasks, of one, or of those of a queue. */
export async function readHistory(
  { broker }: OpenStores,
  now: number,
  { span = HOUR, task, queue }: HistoryQuery,
): Promise<History> {
  const length = Math.min(LONGEST, Math.max(MINUTE, span));
  const step = length <= BY_MINUTE ? MINUTE : HOUR;
  const last = Math.floor(now / step) * step;
  const count = Math.ceil(length / step);
  const from = last - (count - 1) * step;
  const rows = await broker.history.read({ step, from, to: last + step });
  const sums = new Map<number, number[]>();
  for (const row of rows) {
    const key = readSeries(row.series);
    if (task !== undefined && key?.task !== task) continue;
    if (queue !== undefined && key?.queue !== queue) continue;
    addTo(sums, row);
  }
  const points = Array.from({ length: count }, (_, at) => {
    const begin = from + at * step;
    return pointOf(begin, sums.get(begin));
  });
  return { step, points };
}

function addTo(
  sums: Map<number, number[]>,
  { at, counts }: HistoryCounts,
): void {
  const sum = sums.get(at) ?? Array<number>(COUNTS).fill(0);
  for (const [place, count] of counts.entries()) {
    if (place < COUNTS) sum[place] = (sum[place] ?? 0) + count;
  }
  sums.set(at, sum);
}

function pointOf(at: number, sum: readonly number[] | undefined): HistoryPoint {
  const wait = bucketsOf(sum, PLACE.wait);
  const run = bucketsOf(sum, PLACE.run);
  return {
    at,
    succeeded: sum?.[PLACE.succeeded] ?? 0,
    failed: sum?.[PLACE.failed] ?? 0,
    retried: sum?.[PLACE.retried] ?? 0,
    revoked: sum?.[PLACE.revoked] ?? 0,
    waitP50: percentile(wait, 0.5),
    waitP95: percentile(wait, 0.95),
    runP50: percentile(run, 0.5),
    runP95: percentile(run, 0.95),
  };
}

function bucketsOf(
  sum: readonly number[] | undefined,
  first: number,
): readonly number[] {
  return sum?.slice(first, first + BUCKETS) ?? [];
}

/** A percentile as buckets give it: evenly spread within one. */
function percentile(
  buckets: readonly number[],
  share: number,
): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = total * share;
  for (const [at, count] of buckets.entries()) {
    if (left <= count) {
      const low = BOUNDS[at - 1] ?? 0;
      const high = BOUNDS[at] ?? low;
      return Math.round((low + (high - low) * (left / count)) * 10) / 10;
    }
    left -= count;
  }
  return BOUNDS.at(-1) ?? null;
}
