/**
 * What the first page shows.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import { attentionTo } from "./attention.ts";
import { readHistory } from "./history.ts";
import { listTasks } from "./tasks.ts";
import type { RowContext } from "./task_row.ts";
import type { QueueRow, WorkerRow } from "./types/fleet.ts";
import type { History, Overview } from "./types/overview.ts";
import type { TaskCounts } from "./types/tasks.ts";

const ROWS = 20;
/** Rates are of so many whole minutes. */
const MINUTES = 5;
const MINUTE = 60_000;

/** What was gathered already, for all viewers. */
export interface Gathered {
  readonly counts: TaskCounts;
  readonly queues: readonly QueueRow[];
  readonly workers: readonly WorkerRow[];
}

/** What the first page shows. */
export async function gatherOverview(
  stores: OpenStores,
  context: RowContext,
  { counts, queues, workers }: Gathered,
): Promise<Overview> {
  const { now } = context;
  const { broker } = stores;
  const [history, running, failures, dead, beat, entries] = await Promise.all([
    readHistory(stores, now, {}),
    listTasks(stores, context, { state: "STARTED,RECEIVED", limit: 200 }),
    listTasks(stores, context, { state: "FAILURE", limit: ROWS }),
    broker.deadLetters.list({ limit: ROWS }),
    broker.scheduler.leader(),
    broker.scheduler.list(null, 1),
  ]);
  const leader = beat.id === null ? null : beat.name;
  const sum = (column: "queued" | "scheduled" | "running") =>
    queues.reduce((total, queue) => total + queue[column], 0);
  const rates = ratesOf(history, now);
  return {
    at: now,
    store: { kind: broker.scheme, address: broker.address },
    attention: attentionTo({
      now,
      queues,
      workers,
      history,
      diedAt: dead.items.map(({ diedAt }) => diedAt),
      schedule: { any: entries.records.length > 0, leader },
      warnings: broker.warnings,
    }),
    counts,
    totals: {
      queued: sum("queued"),
      scheduled: sum("scheduled"),
      running: sum("running"),
      slots: workers.filter(({ online }) => online)
        .reduce((total, { concurrency }) => total + (concurrency ?? 0), 0),
      deadLetters: dead.cursor === null || dead.items.length < ROWS
        ? dead.items.length
        : null,
      ...rates,
    },
    history,
    queues,
    workers,
    running: running.tasks.toSorted((a, b) =>
      (a.startedAt ?? a.receivedAt ?? a.sentAt ?? now) -
      (b.startedAt ?? b.receivedAt ?? b.sentAt ?? now)
    ).slice(0, ROWS),
    failures: failures.tasks,
    beat: leader,
  };
}

/**
 * Of the minutes before the one that is filling. Where all has begun within
 * these, of the time since then: a new worker is not shown as an idle one.
 */
function ratesOf(
  { points }: History,
  now: number,
): { succeededRate: number | null; failedRate: number | null } {
  const begin = points.length - MINUTES - 1;
  const first = points.findIndex((point) => point.succeeded + point.failed > 0);
  const begun = points[first]?.at;
  const isNew = first > begin && begun !== undefined;
  const latest = isNew ? points.slice(first) : points.slice(begin, -1);
  const seconds = isNew
    ? Math.max(MINUTE, now - begun) / 1_000
    : MINUTES * MINUTE / 1_000;
  const rate = (column: "succeeded" | "failed") =>
    latest.reduce((sum, point) => sum + point[column], 0) / seconds;
  return { succeededRate: rate("succeeded"), failedRate: rate("failed") };
}
