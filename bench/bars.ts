/**
 * What Lovage is to reach: figures of its own, and ratios to those of peers,
 * formed round by round.
 *
 * @module
 */

import { BACKLOG } from "./measures/backlog.ts";
import { BEAT } from "./measures/beat.ts";
import { CANVAS } from "./measures/canvas.ts";
import { CONTROL } from "./measures/control.ts";
import { DRAIN } from "./measures/drain.ts";
import { ENQUEUE } from "./measures/enqueue.ts";
import { EVENTS } from "./measures/events.ts";
import { FLOOR } from "./measures/floor.ts";
import { IDLE_POOLS, idleRows } from "./measures/idle.ts";
import { LATENCY } from "./measures/latency.ts";
import { LIMITS } from "./measures/limits.ts";
import { TELEMETRY } from "./measures/telemetry.ts";
import { PRESENCE } from "./measures/presence.ts";
import { type Samples, type Spread, spreadOf } from "./samples.ts";
import type { StoreName } from "./servers.ts";

/** One of them. */
export interface Bar {
  readonly store: StoreName;
  /** What is looked at. */
  readonly measure: string;
  /** What it is divided by; of several, the best of each round. */
  readonly against?: readonly Against[];
  /** The least that will do. */
  readonly least?: number;
  /** The most that will do. */
  readonly most?: number;
}

/** A row of somebody. */
export interface Against {
  readonly contestant: string;
  /** Otherwise the same as is looked at. */
  readonly measure?: string;
  /** Otherwise the same as the bar's. */
  readonly store?: StoreName;
}

/** How it stands. */
export interface Standing {
  readonly bar: Bar;
  readonly spread: Spread;
  readonly met: boolean;
}

const LOVAGE = "Lovage";
const bullmq = (measure?: string): Against => against("BullMQ", measure);
const graphile = (measure?: string): Against =>
  against("graphile-worker", measure);
const pgBoss = (measure?: string): Against => against("pg-boss", measure);
const lovage = (measure: string): Against => against(LOVAGE, measure);

function against(contestant: string, measure?: string): Against {
  return measure === undefined ? { contestant } : { contestant, measure };
}

const celery: Against = { ...against("Celery", DRAIN.results), store: "redis" };

const SQLITE = bars("sqlite", [
  {
    measure: ENQUEUE.bulk,
    against: [against("floor", FLOOR.enqueue)],
    least: 0.5,
  },
  {
    measure: DRAIN.results,
    against: [against("floor", FLOOR.drain)],
    least: 0.5,
  },
  { measure: DRAIN.isolate, against: [lovage(DRAIN.results)], least: 0.5 },
  { measure: BACKLOG.many, against: [lovage(BACKLOG.few)], least: 0.9 },
]);

const REDIS = bars("redis", [
  { measure: DRAIN.results, against: [bullmq()], least: 3 },
  { measure: DRAIN.two, against: [lovage(DRAIN.results)], least: 1 },
  { measure: ENQUEUE.flight, against: [bullmq()], least: 2.5 },
  { measure: ENQUEUE.bulk, against: [bullmq()], least: 4 },
  { measure: ENQUEUE.one, against: [bullmq()], least: 1.2 },
  { measure: LATENCY.pickup50, against: [bullmq()], most: 1 },
  { measure: LATENCY.trip50, against: [bullmq()], most: 1 },
  { measure: DRAIN.cpu, against: [bullmq()], most: 0.5 },
]);

const POSTGRES = bars("postgres", [
  { measure: DRAIN.bare, against: [graphile()], least: 1.2 },
  { measure: DRAIN.results, against: [pgBoss()], least: 1.5 },
  { measure: DRAIN.results, against: [graphile(DRAIN.bare)], least: 0.9 },
  { measure: ENQUEUE.flight, against: [graphile(), pgBoss()], least: 10 },
  { measure: ENQUEUE.bulk, against: [graphile(), pgBoss()], least: 1.5 },
  { measure: ENQUEUE.one, against: [graphile(), pgBoss()], least: 1.3 },
  { measure: LATENCY.pickup50, against: [graphile()], most: 0.8 },
]);

const BOTH = (["redis", "postgres"] as const).flatMap((store) =>
  bars(store, [
    { measure: DRAIN.results, against: [celery], least: 30 },
    { measure: BACKLOG.many, against: [lovage(BACKLOG.few)], least: 0.9 },
    { measure: PRESENCE.cost, most: 5 },
    { measure: CANVAS.chord, against: [lovage(CANVAS.plain)], most: 1.5 },
    { measure: CANVAS.many, against: [lovage(CANVAS.few)], most: 1.3 },
    { measure: CANVAS.link, against: [lovage(LATENCY.pickup50)], most: 1.5 },
    { measure: DRAIN.workerMb, most: 200 },
    { measure: EVENTS.cost, most: 15 },
    { measure: EVENTS.cpu, most: 15 },
    { measure: EVENTS.offCpu, most: 3 },
    { measure: TELEMETRY.off.cpu, most: 3 },
    { measure: TELEMETRY.ratio.cpu, most: 15 },
    { measure: TELEMETRY.all.cpu, most: 15 },
    { measure: TELEMETRY.working.cpu, most: 15 },
    ...Object.keys(IDLE_POOLS).flatMap((pool) => [
      { measure: idleRows(pool).cpu, most: 1 },
      { measure: idleRows(pool).served, most: 5 },
    ]),
  ])
);

const ALL = (["sqlite", "redis", "postgres"] as const).flatMap((store) =>
  bars(store, [
    { measure: BEAT.start, most: 2 },
    { measure: BEAT.burst, most: 3 },
    { measure: LIMITS.most, most: 100 },
    { measure: LIMITS.average, least: 95 },
    { measure: LIMITS.atOnce, most: 3 },
    { measure: LIMITS.held, against: [lovage(LIMITS.plain)], least: 0.97 },
    { measure: LIMITS.fourHeld, against: [lovage(LIMITS.four)], least: 0.97 },
    { measure: CONTROL.terminateMost, most: 500 },
  ])
);

/** All bars. */
export const BARS: readonly Bar[] = [
  ...SQLITE,
  ...REDIS,
  ...POSTGRES,
  ...BOTH,
  ...ALL,
];

function bars(
  store: StoreName,
  list: readonly Omit<Bar, "store">[],
): readonly Bar[] {
  return list.map((bar) => ({ ...bar, store }));
}

/** How a bar stands; `null` where what it needs was not measured. */
export function standingOf(bar: Bar, samples: Samples): Standing | null {
  const { store, measure, least = -Infinity, most = Infinity } = bar;
  const own = samples.rounds({ store, measure, contestant: LOVAGE });
  const ratios: number[] = [];
  for (const [round, value] of own) {
    const ratio = bar.against === undefined
      ? value
      : value / bestOf(bar, samples, round);
    if (!Number.isNaN(ratio)) ratios.push(ratio);
  }
  if (ratios.length === 0) return null;
  const spread = spreadOf(ratios);
  const met = spread.median >= least && spread.median <= most;
  return { bar, spread, met };
}

/** The best of a round among those that a bar compares with. */
function bestOf(bar: Bar, samples: Samples, round: number): number {
  const values = (bar.against ?? []).flatMap(
    ({ contestant, measure = bar.measure, store = bar.store }) =>
      samples.rounds({ store, measure, contestant }).get(round) ?? [],
  );
  if (values.length === 0) return NaN;
  return bar.most === undefined ? Math.max(...values) : Math.min(...values);
}
