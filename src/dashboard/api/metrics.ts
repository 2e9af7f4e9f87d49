/**
 * `/metrics` for Prometheus: Flower's names, and what Flower cannot know. The
 * counters are the store's: they were counted before the dashboard ran, and
 * survive it.
 *
 * @module
 */

import { Hono } from "hono";
import type { HistoryCounts } from "../../contracts/history.ts";
import { BOUNDS, BUCKETS, PLACE, readSeries } from "../../control/counted.ts";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { Exposition, type HistogramSample, type Labels } from "./exposition.ts";

const OUTCOMES = ["succeeded", "failed", "retried", "revoked"] as const;
const SECONDS = BOUNDS.map((ms) => ms / 1_000);

/** The route. */
export function metricsRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/metrics", async (c) => {
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await metricsOf(context));
  });
  return router;
}

async function metricsOf({ data, stores, now }: DashboardContext) {
  const { broker } = await stores();
  const [workers, queues, counts, totals, beat] = await Promise.all([
    data.workers(),
    data.queues(),
    data.counts(),
    broker.history.read({ step: 0, from: 0, to: 1 }),
    broker.scheduler.leader(),
  ]);
  const series = totals.flatMap(seriesIn);
  const out = new Exposition();
  out.add(
    "flower_events_total",
    "counter",
    "Events of tasks, counted by all workers together.",
    series.flatMap(({ task, queue, counts }) =>
      OUTCOMES.map((outcome) =>
        [
          { worker: "", type: `task-${outcome}`, task, queue },
          counts[PLACE[outcome]] ?? 0,
        ] as const
      )
    ),
  );
  out.histogram(
    "flower_task_runtime_seconds",
    "How long tasks ran.",
    series.map((each) => histogramOf(each, PLACE.run, PLACE.runSum)),
  );
  out.histogram(
    "lovage_task_wait_seconds",
    "How long tasks waited from when they were due to their run.",
    series.map((each) => histogramOf(each, PLACE.wait, PLACE.waitSum)),
  );
  out.add(
    "flower_worker_online",
    "gauge",
    "Whether a worker was heard of within its lease.",
    workers.map(({ name, online }) => [{ worker: name }, online ? 1 : 0]),
  );
  out.add(
    "flower_worker_number_of_currently_executing_tasks",
    "gauge",
    "Tasks that a worker holds.",
    workers.map(({ name, held }) => [{ worker: name }, held]),
  );
  out.add(
    "lovage_worker_slots",
    "gauge",
    "Tasks that a worker runs at a time.",
    workers.map(({ name, concurrency }) => [
      { worker: name },
      concurrency ?? 0,
    ]),
  );
  out.add(
    "lovage_queue_tasks",
    "gauge",
    "Tasks of a queue, by where they are.",
    queues.flatMap(({ name: queue, queued, scheduled, running }) =>
      Object.entries({ queued, scheduled, running }).map(([where, count]) =>
        [{ queue, where }, count] as const
      )
    ),
  );
  out.add(
    "lovage_queue_oldest_age_seconds",
    "gauge",
    "For how long the first task of a queue waits.",
    queues.map(({ name: queue, oldestAge }) => [
      { queue },
      (oldestAge ?? 0) / 1_000,
    ]),
  );
  out.add(
    "lovage_queue_consumers",
    "gauge",
    "Live workers that serve a queue.",
    queues.map(({ name: queue, consumers }) => [{ queue }, consumers.length]),
  );
  out.add(
    "lovage_queue_paused",
    "gauge",
    "Whether nothing is taken from a queue.",
    queues.map(({ name: queue, paused }) => [{ queue }, paused ? 1 : 0]),
  );
  out.add(
    "lovage_task_records",
    "gauge",
    "Tasks that are known, by state.",
    Object.entries(counts.states ?? {}).map(([state, count]) => [
      { state },
      count,
    ]),
  );
  const leads: (readonly [Labels, number])[] = beat.id === null
    ? [[{ beat: "" }, 0]]
    : [[{ beat: beat.name }, beat.until > now() - 60_000 ? 1 : 0]];
  out.add("lovage_beat_leader", "gauge", "The beat that leads.", leads);
  return out.toString();
}

interface Series {
  readonly task: string;
  readonly queue: string;
  readonly counts: readonly number[];
}

function seriesIn({ series, counts }: HistoryCounts): Series[] {
  const key = readSeries(series);
  return key === null ? [] : [{ ...key, counts }];
}

function histogramOf(
  { task, queue, counts }: Series,
  first: number,
  sum: number,
): HistogramSample {
  return {
    labels: { worker: "", task, queue },
    bounds: SECONDS,
    counts: Array.from({ length: BUCKETS }, (_, at) => counts[first + at] ?? 0),
    sum: (counts[sum] ?? 0) / 1_000,
  };
}
