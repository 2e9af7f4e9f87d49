/**
 * Runs what waits, here and now.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import { ConfigError } from "../errors.ts";
import { internalsOf } from "../internals.ts";
import { checkOptions, isBoolean, isInteger } from "../options.ts";
import { startWorker } from "../worker/start.ts";
import { nextTurn } from "./held_back.ts";
import { FakeClock } from "./fake_clock.ts";
import { type DrainCounts, RunCounts } from "./run_counts.ts";

/** How to drain. */
export interface DrainOptions {
  /**
   * Run scheduled tasks too: the app's {@linkcode FakeClock} is advanced from
   * eta to eta, also to those of retries, until nothing is left.
   *
   * @default {false}
   */
  readonly withScheduled?: boolean | undefined;
  /**
   * More runs than this are a fault: a task that sends itself never ends.
   *
   * @default {1000}
   */
  readonly max?: number | undefined;
  /**
   * How many tasks run at a time. One by one they run in the order in which
   * they are served; tasks that wait for each other need more.
   *
   * @default {1}
   */
  readonly concurrency?: number | undefined;
}

// How often to look whether something is left (ms).
const LOOK = 2;
const PAGE = 100;

/**
 * Runs everything that waits, through a real worker on this event loop, and
 * what it sends, until nothing is left. Rate limits per worker are not kept;
 * what a rate of scope `"cluster"` holds back counts as scheduled.
 *
 * @throws {AssertionError} when there are more runs than `max`
 * @throws {ConfigError} for `withScheduled` on a clock that cannot be advanced
 */
export async function drain(
  app: Lovage,
  options: DrainOptions = {},
): Promise<DrainCounts> {
  checkOptions("drain()", options, {
    withScheduled: isBoolean,
    max: isInteger(1),
    concurrency: isInteger(1),
  });
  const { withScheduled = false, max = 1000, concurrency = 1 } = options;
  const internals = internalsOf(app);
  const fake = withScheduled ? fakeClockOf(internals.clock()) : null;
  const { broker } = await internals.stores.open();
  const place: Place = { app, store: broker, clock: internals.clock() };
  const counts = new RunCounts(max);
  for (;;) {
    await runReady(place, counts, concurrency);
    const eta = fake === null ? null : await nextEta(broker, fake.now());
    if (fake === null || eta === null) return counts.byState;
    // No worker runs now: none falls silent, however long the leap is.
    await fake.advanceAsync(Math.max(0, eta - fake.now()));
  }
}

function fakeClockOf(clock: Clock): FakeClock {
  if (clock instanceof FakeClock) return clock;
  throw new ConfigError(
    "drain({ withScheduled: true }) advances the clock, so it needs an app with a FakeClock: testApp(app), or new Lovage(name, { clock: new FakeClock() })",
  );
}

/** What is drained. */
interface Place {
  readonly app: Lovage;
  readonly store: Store;
  readonly clock: Clock;
}

/** Runs what is ready, and what becomes ready meanwhile. */
async function runReady(
  place: Place,
  counts: RunCounts,
  concurrency: number,
): Promise<void> {
  for (;;) {
    const queues = await readyQueues(place);
    if (queues.size === 0) return;
    const worker = await startWorker(
      place.app,
      { pool: "async", queues: [...queues], concurrency, hostname: "drain" },
      { overrides: { workerDisableRateLimits: true } },
    );
    try {
      await untilNoneIsReady(place, queues, () => counts.isOver(worker));
    } finally {
      await worker.stop(counts.isOver(worker) ? "cold" : "warm");
      counts.add(worker);
    }
    counts.check();
  }
}

/** Resolves when nothing of these queues is ready, or when it is over. */
async function untilNoneIsReady(
  place: Place,
  queues: ReadonlySet<string>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    if ((await readyQueues(place)).isDisjointFrom(queues)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

/**
 * The queues in which something is ready, due or running. What waits in a
 * paused one is not ready.
 */
async function readyQueues({ store, clock }: Place): Promise<Set<string>> {
  const { inspector } = store;
  const queues = await inspector.queues();
  const paused = new Set(
    queues.filter((each) => each.paused).map(({ queue }) => queue),
  );
  const ready: string[] = [];
  for (const { queue, queued, running, paused } of queues) {
    const isReady = running > 0 || !paused && queued > 0 &&
        await nextTurn(store, queue, clock.now()) === null;
    if (isReady) ready.push(queue);
  }
  const scheduled = await inspector.tasks({ status: "scheduled" }, {
    limit: PAGE,
  });
  const due = scheduled.items
    .filter(({ eta, queue }) => (eta ?? 0) <= clock.now() && !paused.has(queue))
    .map(({ queue }) => queue);
  return new Set([...ready, ...due]);
}

async function nextEta(store: Store, now: number): Promise<number | null> {
  const { items } = await store.inspector.tasks({ status: "scheduled" }, {
    limit: 1,
  });
  let next = items[0]?.eta ?? null;
  for (const { queue, queued, paused } of await store.inspector.queues()) {
    if (queued === 0 || paused) continue;
    const turn = await nextTurn(store, queue, now);
    if (turn !== null) next = Math.min(next ?? Infinity, turn);
  }
  return next;
}
