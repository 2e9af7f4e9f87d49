/**
 * Looks at everything that checks are about, with a bounded number of calls.
 *
 * @module
 */

import type { Store } from "../../contracts/store.ts";
import type { QueueStats } from "../../contracts/inspector.ts";
import type { Internals } from "../../internals.ts";
import { decodeEnvelope } from "../../message/envelope.ts";
import { VERSION } from "../../version.ts";
import { knownWorkers } from "../explain/workers.ts";
import { Remote } from "../remote.ts";
import { describeApp } from "./describe_app.ts";
import type {
  CheckContext,
  ClockContext,
  LettersContext,
  ScheduleContext,
} from "./context.ts";

const PAGE = 250;
const MOST_LETTERS = 1_000;
const MOST_ENTRIES = 1_000;
/** In so many queues, those with the most tasks, the oldest is looked at. */
const MOST_QUEUES = 20;
/** An entry that was due longer ago than this was not sent in time, in ms. */
const LATE = 60_000;

/**
 * Looks at an app and what runs.
 *
 * @throws {StoreError} when a store does not answer
 */
export async function lookAround(
  app: Internals,
  storesOnly: boolean,
): Promise<CheckContext> {
  const { broker, backend } = await app.stores.open();
  const { inspector } = broker;
  const outbox = app.outbox.isConfigured ? await app.outbox.open() : broker;
  const [consumers, queues, letters, schedule] = await Promise.all([
    inspector.consumers(),
    inspector.queues(),
    countLetters(broker),
    lookAtSchedule(broker),
  ]);
  const now = app.clock().now();
  const [oldest, clocks] = await Promise.all([
    oldestOf(broker, queues, now),
    compareClocks(app, broker),
  ]);
  return {
    app: storesOnly ? null : await describeApp(app),
    running: {
      stores: [...new Set([broker, backend, outbox])].map((store) => ({
        address: store.address,
        durable: store.capabilities.durable,
        shared: store.capabilities.shared,
        limitsAcrossQueues: store.capabilities.limitsAcrossQueues,
        warnings: store.warnings,
      })),
      workers: knownWorkers(consumers, now),
      ...{ queues, letters, schedule, oldest, ...clocks },
      lease: app.settings().workerLease,
      version: VERSION,
    },
  };
}

async function countLetters({ deadLetters }: Store): Promise<LettersContext> {
  const reasons: Record<string, number> = {};
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await deadLetters.list({ limit: PAGE, cursor });
    for (const { reason } of page.items) {
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    count += page.items.length;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined && count < MOST_LETTERS);
  return { count, more: cursor !== undefined, reasons };
}

async function lookAtSchedule({ scheduler }: Store): Promise<ScheduleContext> {
  const [{ id, name, now }, { records, next }] = await Promise.all([
    scheduler.leader(),
    scheduler.list(null, MOST_ENTRIES),
  ]);
  return {
    leader: id === null ? null : name,
    stored: records.map((each) => each.name),
    more: next !== null,
    overdue: records
      .map(({ name, dueAt }) => ({ name, late: now - (dueAt ?? now) }))
      .filter(({ late }) => late > LATE),
  };
}

async function oldestOf(
  { inspector }: Store,
  queues: readonly QueueStats[],
  now: number,
): Promise<Readonly<Record<string, number>>> {
  const fullest = queues.filter(({ queued }) => queued > 0)
    .toSorted((a, b) => b.queued - a.queued).slice(0, MOST_QUEUES);
  const waits = await Promise.all(fullest.map(async ({ queue }) => {
    const filter = { status: "queued", queue } as const;
    const { items: [first] } = await inspector.tasks(filter, { limit: 1 });
    return [queue, first === undefined ? 0 : waitOf(first.body, now)] as const;
  }));
  return Object.fromEntries(waits);
}

/** For how long a message has been ready; 0 when it does not say. */
function waitOf(body: string, now: number): number {
  try {
    const { sentAt, eta, retriedAt } = decodeEnvelope(body);
    return Math.max(0, now - Math.max(sentAt, eta ?? 0, retriedAt ?? 0));
  } catch {
    return 0;
  }
}

/** How far clocks are from this one, less what the answers took. */
async function compareClocks(
  app: Internals,
  { scheduler }: Store,
): Promise<
  { clocks: readonly ClockContext[]; silent: readonly string[] }
> {
  const clock = app.clock();
  const asked = clock.now();
  const { now: storeTime } = await scheduler.leader();
  const answered = clock.now();
  const question = { command: "clock", args: {} };
  const { replies, missing } = await new Remote(app)
    .ask<{ clock?: unknown } | null>(question, { timeout: "1s" });
  const end = clock.now();
  const workers = Object.entries(replies).flatMap(([whose, reply]) => {
    const time = reply?.clock;
    return typeof time === "number"
      ? [{ whose: `worker ${whose}`, ahead: distance(time, answered, end) }]
      : [];
  });
  const store = {
    whose: "the store",
    ahead: distance(storeTime, asked, answered),
  };
  return { clocks: [store, ...workers], silent: missing };
}

/** How far a time is from a span of time; 0 within it. */
function distance(time: number, from: number, to: number): number {
  return time < from ? time - from : Math.max(0, time - to);
}
