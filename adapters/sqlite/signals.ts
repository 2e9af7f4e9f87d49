/**
 * What is said after a commit: directly to those who wait in this process, by
 * the wake file to all others.
 *
 * @module
 */

import type { EndedFeed } from "./ended_feed.ts";
import type { StoredRecords } from "./records.ts";
import type { Wake } from "./wake.ts";
import { type Waiter, Waiters } from "../_sql/waiters.ts";

/** A timer that only keeps the process alive; how often it fires is nothing. */
const KEEP_ALIVE = 60_000;

/** Sends signals, one ring per commit at most. */
export class Signals {
  readonly #waiters = new Waiters();
  readonly #wake: Wake;
  readonly #feed: EndedFeed;

  constructor(wake: Wake, feed: EndedFeed) {
    this.#wake = wake;
    this.#feed = feed;
  }

  /** Messages came into these queues. */
  work(queues: Iterable<string>): void {
    this.#waiters.wake(queues);
    this.#wake.ring();
  }

  /** Messages may have come into any queue. */
  anyWork(): void {
    this.#waiters.wakeAll();
    this.#wake.ring();
  }

  /** Deliveries were settled, records were stored. */
  settled(queued: boolean, stored: StoredRecords): void {
    if (queued) this.#waiters.wakeAll();
    if (stored.ended.length > 0) this.#feed.stored(stored);
    if (queued || stored.ended.length > 0) this.#wake.ring();
  }

  /** Waits for work in these queues, from any process. */
  waitForWork(
    queues: readonly string[],
  ): { readonly waiter: Waiter; readonly end: () => void } {
    const waiter = this.#waiters.add(queues);
    const unlisten = this.#wake.listen(waiter.wake);
    // Whoever waits for work keeps its process alive; who listens for ends of
    // tasks or to the bus does not.
    const keepAlive = setInterval(() => {}, KEEP_ALIVE);
    const end = () => {
      clearInterval(keepAlive);
      waiter.end();
      unlisten();
    };
    return { waiter, end };
  }
}
