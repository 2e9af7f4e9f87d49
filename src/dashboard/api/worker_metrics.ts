/**
 * Flower's metrics, under its names and with its labels.
 *
 * @module
 */

import type { TaskFigures } from "../../control/facts.ts";
import { BOUNDS } from "../../control/counted.ts";
import type { DashboardContext } from "../context.ts";
import type { WorkerRow } from "../data/types/fleet.ts";
import type { Exposition, Sample } from "./exposition.ts";

/** A worker that does not answer in this time is left out of a scrape. */
const PATIENCE = "1s";

const EVENTS = [
  ...["received", "started", "succeeded"] as const,
  ...["failed", "retried", "revoked"] as const,
];

interface Counted extends TaskFigures {
  readonly labels: { readonly worker: string; readonly task: string };
}

/** Adds them. */
export async function addWorkerMetrics(
  out: Exposition,
  context: DashboardContext,
): Promise<void> {
  const workers = byName(await context.data.workers());
  const answers = await figuresOf(
    context,
    workers.filter(({ online }) => online).map(({ name }) => name),
  );
  const counted: Counted[] = Object.entries(answers).flatMap(([worker, all]) =>
    Object.entries(all).map(([task, figures]) => ({
      ...figures,
      labels: { worker, task },
    }))
  );
  out.add(
    "flower_events_total",
    "counter",
    "Number of events",
    counted.flatMap(({ labels, ...figures }) =>
      EVENTS.map((event): Sample => [
        { worker: labels.worker, type: `task-${event}`, task: labels.task },
        figures[event],
      ])
    ),
  );
  out.histogram(
    "flower_task_runtime_seconds",
    "Task runtime",
    counted.map(({ labels, runs, runSum }) => ({
      labels,
      bounds: BOUNDS.map((ms) => ms / 1_000),
      counts: runs,
      sum: runSum / 1_000,
    })),
  );
  out.add(
    "flower_task_prefetch_time_seconds",
    "gauge",
    "The time the task spent waiting at the worker to be executed",
    counted.map(({ labels, prefetched }) => [labels, prefetched / 1_000]),
  );
  out.add(
    "flower_worker_prefetched_tasks",
    "gauge",
    "Number of tasks of given type prefetched at a worker",
    counted.map(({ labels, waiting }) => [labels, waiting]),
  );
  out.add(
    "flower_worker_online",
    "gauge",
    "Worker online status",
    workers.map(({ name, online }) => [{ worker: name }, online ? 1 : 0]),
  );
  out.add(
    "flower_worker_number_of_currently_executing_tasks",
    "gauge",
    "Number of tasks currently executing at a worker",
    Object.entries(answers).map(([worker, all]) => [
      { worker },
      Object.values(all).reduce((sum, { running }) => sum + running, 0),
    ]),
  );
  out.add(
    "lovage_worker_slots",
    "gauge",
    "Tasks that a worker runs at a time",
    workers.map(({ name, concurrency }) => [
      { worker: name },
      concurrency ?? 0,
    ]),
  );
}

/** Of several starts of one worker, the one that is there: a sample is one. */
function byName(workers: readonly WorkerRow[]): readonly WorkerRow[] {
  const all = new Map<string, WorkerRow>();
  for (const worker of workers) {
    const known = all.get(worker.name);
    if (known?.online !== true) all.set(worker.name, worker);
  }
  return [...all.values()];
}

async function figuresOf(
  { app }: DashboardContext,
  names: readonly string[],
): Promise<Readonly<Record<string, Readonly<Record<string, TaskFigures>>>>> {
  if (names.length === 0) return {};
  const ask = app.control.inspect({ destination: names, timeout: PATIENCE });
  return (await ask.taskFigures()).replies;
}
