/**
 * Waiting for work, in one place or in several.
 *
 * @module
 */

import type {
  Clock,
  Delivery,
  ReserveRequest,
} from "../../src/contracts/mod.ts";
import { LONGEST_TIMER } from "./clock.ts";
import type { Reserver } from "./reserve.ts";
import type { Waiter, Wake } from "./wake.ts";

/**
 * The time between two looks of one that waits, in ms. Only for wake-ups that
 * went to a process that died before it could act; jittered.
 */
const SAFETY_LOOK = 4_000;

/** Where work may come from: a server, or a slot of a cluster. */
export interface Source {
  readonly reserver: Reserver;
  readonly wake: Wake;
  /** The queues of the request that are there. */
  readonly queues: readonly string[];
}

/** What one waits with. */
export interface WaitParts {
  readonly sources: readonly Source[];
  readonly request: ReserveRequest;
  readonly clock: Clock;
  /** Aborts when the store closes. */
  readonly closed: AbortSignal;
  /** Turns what a source delivers into what the caller gets. */
  readonly finish?: (
    deliveries: readonly Delivery[],
    source: Source,
  ) => readonly Delivery[];
}

/** Waits until a source has work; empty-handed when the wait is ended. */
export async function waitForWork(
  parts: WaitParts,
): Promise<readonly Delivery[]> {
  const { sources, request, closed } = parts;
  const { signal } = request;
  const listening = Promise.all(sources.map(({ wake }) => wake.listen()));
  if (await endsFirst([closed, signal], listening)) return [];
  for (let isNoted = false;; isNoted = true) {
    const waiters: Waiter[] = [];
    try {
      let nextDue = Infinity;
      for (const source of sources) {
        if (signal.aborted || closed.aborted) return [];
        const { reserver, wake, queues } = source;
        const leaves = isNoted && !wake.isAwaited(queues);
        // Added first: it can be woken as soon as it is noted as idle.
        waiters.push(wake.add(queues));
        const found = await reserver.take(
          { ...request, queues },
          { waiter: true, leaves },
        );
        if (found.deliveries.length > 0) {
          return parts.finish?.(found.deliveries, source) ?? found.deliveries;
        }
        nextDue = Math.min(nextDue, found.nextDue ?? Infinity);
      }
      await wokenOrEnded(waiters, nextDue, parts);
    } catch (error) {
      if (closed.aborted) return [];
      throw error;
    } finally {
      for (const waiter of waiters) waiter.end();
    }
  }
}

/** What was taken; nothing if the store was closed meanwhile. */
export async function unlessClosed(
  closed: AbortSignal,
  taking: Promise<readonly Delivery[]>,
): Promise<readonly Delivery[]> {
  try {
    return await taking;
  } catch (error) {
    if (closed.aborted) return [];
    throw error;
  }
}

/** Whether the store closes, or the wait ends, before this has come about. */
async function endsFirst(
  signals: readonly AbortSignal[],
  promise: Promise<unknown>,
): Promise<boolean> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const isOver = () => signals.some(({ aborted }) => aborted);
  for (const signal of signals) signal.addEventListener("abort", end);
  if (isOver()) end();
  try {
    await Promise.race([promise, ended]);
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", end);
  }
  // A subscription that is under way may end much later, and badly.
  promise.catch(() => {});
  return isOver();
}

async function wokenOrEnded(
  waiters: readonly Waiter[],
  nextDue: number,
  { request: { signal }, clock, closed }: WaitParts,
): Promise<void> {
  const [first] = waiters;
  if (first === undefined || signal.aborted || closed.aborted) return;
  const { wake } = first;
  signal.addEventListener("abort", wake);
  closed.addEventListener("abort", wake);
  // Held by this timer, a process that waits for work does not end.
  const safety = setTimeout(wake, SAFETY_LOOK * (1 + Math.random() / 4));
  let stopTimer: (() => void) | undefined;
  if (nextDue !== Infinity) {
    const ms = Math.max(0, nextDue - clock.now());
    stopTimer = clock.timer(Math.min(LONGEST_TIMER, ms), wake);
  }
  try {
    await Promise.race(waiters.map(({ woken }) => woken));
  } finally {
    stopTimer?.();
    clearTimeout(safety);
    signal.removeEventListener("abort", wake);
    closed.removeEventListener("abort", wake);
  }
}
