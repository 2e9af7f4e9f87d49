/**
 * What the stores know: tasks of all workers together, queues, beat.
 *
 * @module
 */

import type { HistoryCounts } from "../../contracts/history.ts";
import { BOUNDS, BUCKETS, PLACE, readSeries } from "../../control/counted.ts";
import type { DashboardContext } from "../context.ts";
import type { QueueRow } from "../data/types/fleet.ts";
import type { Exposition, HistogramSample, Sample } from "./exposition.ts";

const OUTCOMES = ["succeeded", "failed", "retried", "revoked"] as const;
const SECONDS = BOUNDS.map((ms) => ms / 1_000);
/** A beat whose lease ended so long ago does not lead, in ms. */
const BEAT_GRACE = 60_000;

/** Adds them. */
export async function addStoreMetrics(
  out: Exposition,
  { data, stores, now }: DashboardContext,
): Promise<void> {
  const { broker } = await stores();
  const [queues, counts, totals, beat] = await Promise.all([
    data.queues(),
    data.counts(),
    broker.history.read({ step: 0, from: 0, to: 1 }),
    broker.scheduler.leader(),
  ]);
  addTotals(out, totals.flatMap(seriesIn));
  addQueues(out, queues);
  out.add(
    "lovage_task_records",
    "gauge",
    "Tasks that are known, by state",
    Object.entries(counts.states ?? {})
      .map(([state, count]) => [{ state }, count]),
  );
  const leads = beat.id !== null && beat.until > now() - BEAT_GRACE;
  out.add("lovage_beat_leader", "gauge", "The beat that leads", [
    [{ beat: beat.id === null ? "" : beat.name }, leads ? 1 : 0],
  ]);
}

function addTotals(out: Exposition, series: readonly Series[]): void {
  out.add(
    "lovage_tasks_total",
    "counter",
    "Runs of tasks by what came of them, counted by all workers",
    series.flatMap(({ labels, counts }) =>
      OUTCOMES.map((outcome): Sample => [
        { ...labels, outcome },
        counts[PLACE[outcome]] ?? 0,
      ])
    ),
  );
  out.histogram(
    "lovage_task_run_seconds",
    "How long tasks ran",
    series.map((each) => histogramOf(each, PLACE.run, PLACE.runSum)),
  );
  out.histogram(
    "lovage_task_wait_seconds",
    "How long tasks waited from when they were due to their run",
    series.map((each) => histogramOf(each, PLACE.wait, PLACE.waitSum)),
  );
}

function addQueues(out: Exposition, queues: readonly QueueRow[]): void {
  const gauge = (
    name: string,
    help: string,
    value: (queue: QueueRow) => number,
  ) =>
    out.add(
      name,
      "gauge",
      help,
      queues.map((queue) => [{ queue: queue.name }, value(queue)]),
    );
  out.add(
    "lovage_queue_tasks",
    "gauge",
    "Tasks of a queue, by where they are",
    queues.flatMap(({ name: queue, queued, scheduled, running }) =>
      Object.entries({ queued, scheduled, running })
        .map(([where, count]): Sample => [{ queue, where }, count])
    ),
  );
  gauge(
    "lovage_queue_oldest_age_seconds",
    "For how long the first task of a queue waits",
    ({ oldestAge }) => (oldestAge ?? 0) / 1_000,
  );
  gauge(
    "lovage_queue_consumers",
    "Live workers that serve a queue",
    ({ consumers }) => consumers.length,
  );
  gauge(
    "lovage_queue_paused",
    "Whether nothing is taken from a queue",
    ({ paused }) => paused ? 1 : 0,
  );
}

interface Series {
  readonly labels: { readonly task: string; readonly queue: string };
  readonly counts: readonly number[];
}

function seriesIn({ series, counts }: HistoryCounts): Series[] {
  const labels = readSeries(series);
  return labels === null ? [] : [{ labels, counts }];
}

function histogramOf(
  { labels, counts }: Series,
  first: number,
  sum: number,
): HistogramSample {
  return {
    labels,
    bounds: SECONDS,
    counts: Array.from({ length: BUCKETS }, (_, at) => counts[first + at] ?? 0),
    sum: (counts[sum] ?? 0) / 1_000,
  };
}
