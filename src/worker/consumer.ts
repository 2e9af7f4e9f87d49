/**
 * Reserves deliveries for as long as there is room for them.
 *
 * @module
 */

import type { Delivery } from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import { pause } from "../service/clock.ts";
import type { Service } from "../service/service.ts";
import { Turns } from "../service/yield.ts";
import type { Demand } from "./demand.ts";
import type { Quota } from "./quota.ts";
import type { StoreLink } from "./store_link.ts";

// Pauses between tries while the store does not answer (ms).
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;
// Held and not started for so long (ms), while nothing ends: given back.
const PATIENCE = 200;

// Heartbeats and signals wait no longer than this (ms) for a busy loop.
const LONGEST_STRETCH = 10;

/** What takes what was reserved. */
export interface Taker {
  /** How many deliveries run or wait for a slot. */
  readonly held: number;
  /** How many of them have limits and wait for a slot. */
  readonly limited: number;
  /** Takes deliveries. */
  take(deliveries: readonly Delivery[]): Promise<void>;
  /** Gives back what waits for a slot. */
  recall(): void;
  /** Calls back whenever there may be room for more. */
  onRoom(callback: () => void): void;
}

/** What a consumer works with. */
export interface ConsumerParts {
  /** Where tasks wait. */
  readonly store: Store;
  /** Whether that answers. */
  readonly link: StoreLink;
  /** The id under which it reserves. */
  readonly id: string;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** How many tasks run at a time. */
  readonly slots: () => number;
  /** How many to hold. */
  readonly demand: Demand;
  /** Whether there may be deliveries with limits. */
  readonly hasLimits: () => boolean;
  /** What takes the deliveries. */
  readonly taker: Taker;
  /** How much it is to take before it is done; `null` is without end. */
  readonly quota: Quota | null;
  /** Resolves when all that came of tasks is committed. */
  readonly settled: () => Promise<void>;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Reserves deliveries. */
export class Consumer implements Service {
  readonly name = "consumer";
  readonly #parts: ConsumerParts;
  readonly #stopping = new AbortController();
  #reserving = new AbortController();
  // How many with limits were asked for by the call that waits.
  #askedFor = Infinity;
  #queues: readonly string[];
  #loop: Promise<void> = Promise.resolve();
  #room: () => void = () => {};
  #cancelWatch: (() => void) | null = null;
  #lastTaken = 0;
  #wasDry = false;

  /** It reserves nothing before it is started. */
  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#queues = parts.queues;
    parts.taker.onRoom(() => {
      this.#room();
      this.#askAgain();
    });
  }

  /** The queues that it serves. */
  get queues(): readonly string[] {
    return this.#queues;
  }

  /** Serves these queues from now on; of none it takes nothing. */
  serve(queues: readonly string[]): void {
    this.#queues = queues;
    this.#reserving.abort();
    this.#room();
  }

  /** Looks again whether there is room. */
  look(): void {
    this.#room();
  }

  /** Begins to reserve. */
  start(): Promise<void> {
    this.#loop = this.#run();
    return Promise.resolve();
  }

  /** Reserves no more. What it holds goes on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#reserving.abort();
    this.#cancelWatch?.();
    this.#room();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const turns = new Turns(LONGEST_STRETCH);
    let failures = 0;
    while (!signal.aborted) {
      if (turns.due) await turns.take();
      const limit = this.#limit();
      if (limit === 0) {
        await this.#roomForMore();
        continue;
      }
      try {
        const taken = await this.#reserve(limit);
        if (taken === 0 && this.#isDry()) await this.#nextEnd();
        this.#parts.link.answered("tasks");
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const ms = Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE);
        this.#parts.link.failed("tasks", error, "Cannot reserve tasks");
        await pause(this.#parts.clock, ms, signal);
      }
    }
  }

  /** How many to reserve now; 0 while there is no room worth a round trip. */
  #limit(): number {
    const { demand, taker, slots } = this.#parts;
    if (this.#queues.length === 0) return 0;
    const { target } = demand;
    const room = Math.min(
      target - taker.held,
      this.#parts.quota?.left ?? Infinity,
    );
    // Half a load at a time, but a free slot is never left waiting.
    return taker.held < slots() || room >= target / 2 ? Math.max(room, 0) : 0;
  }

  /** How many with limits could start about now; each holds room. */
  #limited(limit: number): number {
    const { demand, taker, slots, hasLimits } = this.#parts;
    if (!hasLimits()) return limit;
    const free = Math.max(slots() - taker.held, 0);
    const room = free + demand.freeSoon - taker.limited;
    return Math.min(Math.max(room, 0), limit);
  }

  // A call that waits and asked for none with limits does not hear of those.
  #askAgain(): void {
    if (this.#askedFor === 0 && this.#limited(1) > 0) this.#reserving.abort();
  }

  /** @returns how many it got */
  async #reserve(limit: number): Promise<number> {
    const { store, id, demand, taker, quota, clock } = this.#parts;
    const isIdle = taker.held === 0;
    if (this.#reserving.signal.aborted && !this.#stopping.signal.aborted) {
      this.#reserving = new AbortController();
    }
    const limited = this.#askedFor = this.#limited(limit);
    const deliveries = await store.broker.reserve({
      consumer: id,
      queues: this.#queues,
      limit,
      limited,
      wait: quota === null,
      signal: this.#reserving.signal,
    }).finally(() => this.#askedFor = Infinity);
    if (isIdle) demand.idle(clock.now());
    quota?.take(deliveries.length);
    if (deliveries.length === 0) return 0;
    this.#wasDry = false;
    this.#lastTaken = clock.now();
    await taker.take(deliveries);
    this.#watch();
    return deliveries.length;
  }

  /** Whether nothing was found because there is nothing. */
  #isDry(): boolean {
    return this.#parts.quota !== null && !this.#reserving.signal.aborted;
  }

  /** Resolves when it is time to look again: a task that ends may send more. */
  async #nextEnd(): Promise<void> {
    const { taker, quota } = this.#parts;
    if (taker.held === 0) {
      if (!this.#wasDry) {
        // What follows from the last ones may not have been sent yet.
        this.#wasDry = true;
        return await this.#parts.settled();
      }
      quota?.finish("empty");
    }
    await new Promise<void>((resolve) => this.#room = resolve);
  }

  #roomForMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = () => {
        const { taker, quota } = this.#parts;
        if (quota?.left === 0 && taker.held === 0) quota.finish("max");
        if (this.#limit() > 0 || this.#stopping.signal.aborted) resolve();
      };
      this.#room();
    });
  }

  // One timer while more is held than can run: tasks that turn out long must
  // not keep others waiting that another worker could run.
  #watch(): void {
    const { taker, slots, clock } = this.#parts;
    if (this.#cancelWatch !== null || taker.held <= slots()) return;
    const before = this.#parts.demand.total;
    this.#cancelWatch = clock.timer(PATIENCE, () => {
      this.#cancelWatch = null;
      this.#lookForStall(before);
    });
  }

  #lookForStall(endedBefore: number): void {
    const { taker, slots, demand, clock } = this.#parts;
    if (this.#stopping.signal.aborted || taker.held <= slots()) return;
    const now = clock.now();
    const pace = demand.total - endedBefore;
    if (pace < taker.held - slots() && now - this.#lastTaken >= PATIENCE) {
      demand.stalled(now);
      taker.recall();
    } else this.#watch();
  }
}
