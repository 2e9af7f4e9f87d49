/**
 * The queues: what waits where, since when, and who serves it.
 *
 * @module
 */

import type { LiveTask, QueueStats } from "../../contracts/inspector.ts";
import { PLACE, readSeries } from "../../control/counted.ts";
import type { OpenStores } from "../../producer/stores.ts";
import { envelopeIn } from "./task_row.ts";
import type { QueueRow, WorkerRow } from "./types/fleet.ts";

/** Rates are of so many whole minutes before this one. */
const MINUTES = 5;
const MINUTE = 60_000;
/** The oldest task is looked up in so many queues at most. */
const MOST_LOOKED_UP = 100;

/** All queues, by name: also those that are empty but served. */
export async function listQueues(
  stores: OpenStores,
  now: number,
  workers: readonly WorkerRow[],
  defaultQueue: string,
): Promise<readonly QueueRow[]> {
  const [stats, rates] = await Promise.all([
    stores.broker.inspector.queues(),
    ratesOf(stores, now),
  ]);
  const known = new Map(stats.map((each) => [each.queue, each]));
  const served = workers.filter(({ online }) => online)
    .flatMap(({ queues }) => queues);
  const names = new Set([...known.keys(), ...served, defaultQueue]);
  const waiting = stats.filter(({ queued }) => queued > 0)
    .slice(0, MOST_LOOKED_UP);
  const oldest = new Map(
    await Promise.all(
      waiting.map(async ({ queue }) =>
        [queue, await oldestIn(stores, queue)] as const
      ),
    ),
  );
  return [...names].sort().map((name) => {
    const oldestAt = oldest.get(name) ?? null;
    return {
      ...countsOf(name, known.get(name)),
      oldestAt,
      oldestAge: oldestAt === null ? null : Math.max(0, now - oldestAt),
      rate: rates.get(name) ?? (rates.size === 0 ? null : 0),
      consumers: workers.filter(({ online, queues }) =>
        online && queues.includes(name)
      ).map((worker) => worker.name),
    };
  });
}

function countsOf(
  name: string,
  stats: QueueStats | undefined,
): Pick<QueueRow, "name" | "queued" | "scheduled" | "running" | "paused"> {
  const { queued = 0, scheduled = 0, running = 0, paused = false } = stats ??
    {};
  return { name, queued, scheduled, running, paused };
}

/** Since when the task waits that arrived first. */
async function oldestIn(
  { broker }: OpenStores,
  queue: string,
): Promise<number | null> {
  const { items: [first] } = await broker.inspector.tasks(
    { status: "queued", queue },
    { limit: 1 },
  );
  return first === undefined ? null : waitsSince(first);
}

/** It waits since it was sent, its time came, or it is to run again. */
function waitsSince({ body, eta }: LiveTask): number | null {
  const envelope = envelopeIn(body);
  if (envelope === undefined) return null;
  return Math.max(envelope.sentAt, eta ?? 0, envelope.retriedAt ?? 0);
}

/** Tasks that ended per second, by queue. */
async function ratesOf(
  { broker }: OpenStores,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const to = Math.floor(now / MINUTE) * MINUTE;
  const from = to - MINUTES * MINUTE;
  const rows = await broker.history.read({ step: MINUTE, from, to });
  const rates = new Map<string, number>();
  for (const { series, counts } of rows) {
    const key = readSeries(series);
    if (key === null) continue;
    const ended = (counts[PLACE.succeeded] ?? 0) + (counts[PLACE.failed] ?? 0) +
      (counts[PLACE.revoked] ?? 0);
    const rate = ended / (MINUTES * 60);
    rates.set(key.queue, (rates.get(key.queue) ?? 0) + rate);
  }
  return rates;
}
