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
import { type Holder, StallWatch } from "./stall_watch.ts";
import type { StoreLink } from "./store_link.ts";

// Pauses between tries while the store does not answer (ms).
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;
// A store that is away may not hear of the stop: waited for it is so long (ms).
const LAST_CALL = 2000;
// Heartbeats and signals wait no longer than this (ms) for a busy loop.
const LONGEST_STRETCH = 10;

/** What takes what was reserved. */
export interface Taker extends Holder {
  /** How many of those held have limits and wait for a slot. */
  readonly limited: number;
  /** Takes deliveries. */
  take(deliveries: readonly Delivery[]): Promise<void>;
  /** Gives deliveries back that it has not taken. */
  giveBack(deliveries: readonly Delivery[]): void;
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
  /** How many to hold. */
  readonly demand: Demand;
  /** What takes the deliveries. */
  readonly taker: Taker;
  /** What of that which was reserved is still the worker's. */
  readonly held: (
    deliveries: readonly Delivery[],
  ) => Promise<readonly Delivery[]>;
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
  readonly #stalls: StallWatch;
  readonly #stopping = new AbortController();
  #reserving = new AbortController();
  #call: Promise<unknown> = Promise.resolve();
  // How many with limits were asked for by the call that waits.
  #askedFor = Infinity;
  // Nobody waits any more for what it asked for.
  #isLate = false;
  #queues: readonly string[];
  #loop: Promise<void> = Promise.resolve();
  #room: () => void = () => {};

  /** It reserves nothing before it is started. */
  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#queues = parts.queues;
    this.#stalls = new StallWatch(parts.taker, parts.demand, parts.clock);
    parts.taker.onRoom(() => {
      this.#room();
      this.#askAgain();
    });
  }

  /** The queues that it serves. */
  get queues(): readonly string[] {
    return this.#queues;
  }

  /**
   * Serves these queues from now on; of none it takes nothing. Resolves when
   * nothing is taken of others any more: a call may still be under way.
   */
  async serve(queues: readonly string[]): Promise<void> {
    this.#queues = queues;
    this.#reserving.abort();
    this.#room();
    await this.#call.catch(() => {});
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

  /**
   * Reserves no more. What it holds goes on; what a store that does not answer
   * in time may still give goes back.
   */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#reserving.abort();
    this.#stalls.stop();
    this.#room();
    const over = new AbortController();
    const ended = this.#loop.then(() => false);
    const late = pause(this.#parts.clock, LAST_CALL, over.signal)
      .then(() => true);
    this.#isLate = await Promise.race([ended, late]);
    over.abort();
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
        // A call that was broken off says nothing.
        if (taken === 0 && this.#reserving.signal.aborted) continue;
        if (taken === 0) await this.#foundNone();
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
    const { demand, taker, quota } = this.#parts;
    if (this.#queues.length === 0) return 0;
    return demand.room(taker.held, quota?.left ?? Infinity);
  }

  /** How many with limits to reserve now. */
  #limited(limit: number): number {
    const { demand, taker } = this.#parts;
    return Math.min(demand.limitedRoom(taker.held, taker.limited), limit);
  }

  // A call that waits and asked for none with limits does not hear of those.
  #askAgain(): void {
    if (this.#askedFor === 0 && this.#limited(1) > 0) this.#reserving.abort();
  }

  /** @returns how many it got */
  async #reserve(limit: number): Promise<number> {
    const { store, id, demand, taker, quota, clock, link } = this.#parts;
    const isIdle = taker.held === 0;
    if (this.#reserving.signal.aborted && !this.#stopping.signal.aborted) {
      this.#reserving = new AbortController();
    }
    const limited = this.#askedFor = this.#limited(limit);
    let isWhole = true;
    const call = store.broker.reserve({
      consumer: id,
      queues: this.#queues,
      limit,
      limited,
      wait: quota === null,
      signal: this.#reserving.signal,
      failed: (error) => {
        isWhole = false;
        if (this.#stopping.signal.aborted) return;
        link.failed("all tasks", error, "Cannot reserve all tasks");
      },
    });
    this.#call = call;
    const deliveries = await call.finally(() => this.#askedFor = Infinity);
    if (isWhole && deliveries.length > 0) link.answered("all tasks");
    if (isIdle) demand.idle(clock.now());
    quota?.took(deliveries.length);
    if (deliveries.length === 0) return 0;
    const held = await this.#held(deliveries);
    if (held.length < deliveries.length) {
      taker.giveBack(deliveries.filter((one) => !held.includes(one)));
    }
    if (held.length === 0) return deliveries.length;
    this.#stalls.taken(clock.now());
    await taker.take(held);
    this.#stalls.watch();
    return deliveries.length;
  }

  async #held(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    const held = this.#isLate ? [] : await this.#parts.held(deliveries);
    return this.#isLate ? [] : held;
  }

  /** Resolves when it is time to look again: at once, unless by a quota. */
  async #foundNone(): Promise<void> {
    const { taker, quota, settled } = this.#parts;
    if (quota === null) return;
    if (quota.foundNone(taker.held) === "storing") return await settled();
    await new Promise<void>((resolve) => this.#room = resolve);
  }

  #roomForMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#room = () => {
        const { taker, quota } = this.#parts;
        quota?.checkLeft(taker.held);
        if (this.#limit() > 0 || this.#stopping.signal.aborted) resolve();
      };
      this.#room();
    });
  }
}
