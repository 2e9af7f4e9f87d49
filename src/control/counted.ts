/**
 * What workers count, in the terms of the history: which number has which
 * place.
 *
 * @module
 */

/** The upper bounds of the buckets of times, in ms; one more is without. */
export const BOUNDS: readonly number[] = [
  ...[5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 1_800_000],
];

/** How many buckets there are. */
export const BUCKETS: number = BOUNDS.length + 1;

/** The places of counts. */
export const PLACE = {
  /** Tasks that succeeded. */
  succeeded: 0,
  /** Tasks that failed. */
  failed: 1,
  /** Runs that are to be repeated. */
  retried: 2,
  /** Tasks that were revoked. */
  revoked: 3,
  /** The waiting times of all runs together, in ms. */
  waitSum: 4,
  /** The run times of all runs together, in ms. */
  runSum: 5,
  /** How many runs waited so long: the first of {@linkcode BUCKETS}. */
  wait: 6,
  /** How many runs took so long: the first of {@linkcode BUCKETS}. */
  run: 6 + BUCKETS,
} as const;

/** How many counts there are. */
export const COUNTS: number = PLACE.run + BUCKETS;

/** The spans of time that are counted, and for how long each is kept (ms). */
export const SPANS: readonly {
  /** Its length in ms; 0 is all of time. */
  readonly step: number;
  /** Forever, where it is infinite. */
  readonly kept: number;
}[] = [
  { step: 60_000, kept: 86_400_000 },
  { step: 3_600_000, kept: 90 * 86_400_000 },
  { step: 0, kept: Infinity },
];

/** The bucket that a span of time belongs to. */
export function bucketOf(ms: number): number {
  let bucket = 0;
  for (const bound of BOUNDS) {
    if (ms <= bound) break;
    bucket++;
  }
  return bucket;
}

/** What a series is about. */
export interface SeriesKey {
  /** The name of the task. */
  readonly task: string;
  /** Its queue. */
  readonly queue: string;
}

/** The name of a series. */
export function seriesOf({ task, queue }: SeriesKey): string {
  return JSON.stringify([task, queue]);
}

/** What a series is about; `null` for one that somebody else has written. */
export function readSeries(series: string): SeriesKey | null {
  try {
    const [task, queue] = JSON.parse(series);
    return typeof task === "string" && typeof queue === "string"
      ? { task, queue }
      : null;
  } catch {
    return null;
  }
}
