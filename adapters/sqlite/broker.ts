/**
 * The broker: each call is one transaction, and what it changed is signalled
 * after the commit.
 *
 * @module
 */

import type {
  Broker,
  CancelOutcome,
  CancelRequest,
  Clock,
  ConsumerInfo,
  Delivery,
  HeartbeatReply,
  Message,
  PublishOptions,
  ReapedConsumer,
  ReserveRequest,
  Settlement,
} from "../../src/contracts/mod.ts";
import { cancelTasks, PURGE_STEP, purgeStep } from "./cancel.ts";
import type { Client } from "./client.ts";
import { beat, dismiss, hasLapsed, meet, reapLapsed } from "./consumers.ts";
import { openGroups } from "./groups.ts";
import { addMessages, checkName, checkNames } from "./messages.ts";
import { setPaused, unpaused } from "./pause.ts";
import { exceptionsIn } from "./exceptions.ts";
import { wakeDue } from "./lines.ts";
import { dropOldStarts, hasOldStarts } from "./meters.ts";
import { dropOldKeys, hasOldKeys, holderOf } from "./unique_keys.ts";
import {
  leaseAny,
  type Leased,
  leaseFrom,
  lookForWork,
  markRevoked,
  type Outlook,
  promoteDue,
} from "./reserve.ts";
import { Settler } from "./settle.ts";
import type { Signals } from "./signals.ts";

/** No timer is longer: an eta may be further off than timers can count. */
const LONGEST_TIMER = 3_600_000;

/** How many old keys one transaction drops, and how many starts. */
const FORGET_STEP = 1_000;

/** Messages, leases and consumers in a SQLite file. */
export class SqliteBroker implements Broker {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #closed = new AbortController();
  #lastServed = "";
  /**
   * Fences leases together with the consumer, which is one per start of a
   * worker; from a random start all the same, for ids that are not. The odd
   * ones are for messages with terms.
   */
  #token = 2 * Math.floor(Math.random() * 2 ** 46);

  constructor(client: Client, clock: Clock, signals: Signals) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
  }

  async publish(
    batch: readonly Message[],
    { groups = [] }: PublishOptions = {},
  ): Promise<readonly boolean[]> {
    if (batch.length === 0 && groups.length === 0) return [];
    batch.forEach(checkNames);
    for (const { body } of groups) checkNames(body);
    const added = await this.#client.write(() => {
      openGroups(this.#client, groups);
      return addMessages(this.#client, batch, this.#clock.now());
    });
    this.#signals.work(batch.map((message) => message.queue));
    return added;
  }

  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    for (;;) {
      if (request.signal.aborted || this.#closed.signal.aborted) return [];
      const deliveries = await this.#tryToTake(request);
      if (deliveries.length > 0 || !request.wait) return deliveries;
      await this.#workOrEnd(request);
    }
  }

  async #tryToTake(request: ReserveRequest): Promise<readonly Delivery[]> {
    const { ready } = await this.#client.read(() => this.#look(request));
    if (!ready) return [];
    // Void when the machine goes down, as all leases are then.
    return this.#client.write(() => this.#take(request), "process");
  }

  #look({ queues, limited }: ReserveRequest): Outlook {
    const now = this.#clock.now();
    return lookForWork(this.#client, queues, now, limited !== 0);
  }

  #take(
    { consumer, queues, limit, limited = limit }: ReserveRequest,
  ): Delivery[] {
    const now = this.#clock.now();
    const exceptions = exceptionsIn(this.#client);
    const served = unpaused(this.#client, queues, exceptions);
    let { lines } = exceptions;
    for (const queue of served) {
      if (promoteDue(this.#client, queue, now)) lines = true;
    }
    const lease = { consumer, token: this.#token += 2 };
    let most = lines ? limited : 0;
    if (most > 0) wakeDue(this.#client, now);
    const taken: Leased[] = [];
    let active = this.#inTurn(served);
    while (taken.length < limit && active.length > 0) {
      const share = Math.max(
        1,
        Math.floor((limit - taken.length) / active.length),
      );
      active = active.filter((queue) => {
        const count = Math.min(share, limit - taken.length);
        if (count === 0) return false;
        const part = most > 0
          ? leaseAny(this.#client, queue, count, most, lease, now)
          : leaseFrom(this.#client, queue, count, lease);
        for (const one of part) {
          taken.push(one);
          if (one.held) most--;
        }
        if (part.length > 0) this.#lastServed = queue;
        return part.length === count;
      });
    }
    if (taken.length > 0) meet(this.#client, consumer, now);
    taken.sort((a, b) =>
      a.delivery.priority - b.delivery.priority || a.seq - b.seq
    );
    const deliveries = taken.map(({ delivery }) => delivery);
    return markRevoked(this.#client, deliveries, exceptions, now);
  }

  /** The queues in turn, beginning after the one that was served last. */
  #inTurn(queues: readonly string[]): string[] {
    const unique = [...new Set(queues)];
    const start = unique.indexOf(this.#lastServed) + 1;
    return [...unique.slice(start), ...unique.slice(0, start)];
  }

  async #workOrEnd(request: ReserveRequest): Promise<void> {
    const { signal } = request;
    const { waiter, end } = this.#signals.waitForWork(request.queues);
    let stopTimer: (() => void) | undefined;
    signal.addEventListener("abort", waiter.wake);
    this.#closed.signal.addEventListener("abort", waiter.wake);
    try {
      // Only now, since from now on no signal is missed.
      const { ready, nextDue } = await this.#client.read(() =>
        this.#look(request)
      );
      if (ready || signal.aborted || this.#closed.signal.aborted) return;
      if (nextDue !== null) {
        const ms = Math.max(0, nextDue - this.#clock.now());
        const timer = Math.min(LONGEST_TIMER, ms);
        stopTimer = this.#clock.timer(timer, waiter.wake);
      }
      await waiter.woken;
    } finally {
      stopTimer?.();
      signal.removeEventListener("abort", waiter.wake);
      this.#closed.signal.removeEventListener("abort", waiter.wake);
      end();
    }
  }

  async settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    const { held, queued, stored } = await this.#client.write(() =>
      new Settler(this.#client, consumer, this.#clock.now()).settle(batch)
    );
    this.#signals.settled(queued, stored);
    return held;
  }

  heartbeat(consumer: ConsumerInfo): Promise<HeartbeatReply> {
    return this.#client.write(
      () => beat(this.#client, consumer, this.#clock.now()),
      "process",
    );
  }

  async leave(consumer: string): Promise<void> {
    await this.#client.write(
      () => dismiss(this.#client, consumer, this.#clock.now()),
      "process",
    );
    this.#signals.anyWork();
  }

  async reap(): Promise<readonly ReapedConsumer[]> {
    const now = this.#clock.now();
    await this.#forgetOld(now);
    const lapsed = await this.#client.read(() => hasLapsed(this.#client, now));
    if (!lapsed) return [];
    const reaped = await this.#client.write(() =>
      reapLapsed(this.#client, this.#clock.now())
    );
    if (reaped.length > 0) this.#signals.anyWork();
    return reaped;
  }

  /** Drops what counts for no limit and no key any more. */
  async #forgetOld(now: number): Promise<void> {
    const isOld = await this.#client.read(() =>
      hasOldKeys(this.#client, now) || hasOldStarts(this.#client, now)
    );
    if (!isOld) return;
    await this.#client.write(() => {
      dropOldKeys(this.#client, now, FORGET_STEP);
      dropOldStarts(this.#client, now, FORGET_STEP);
    }, "process");
  }

  async cancel(
    batch: readonly CancelRequest[],
  ): Promise<readonly CancelOutcome[]> {
    if (batch.length === 0) return [];
    const { outcomes, queued, stored } = await this.#client.write(() =>
      cancelTasks(this.#client, batch, this.#clock.now())
    );
    this.#signals.settled(queued, stored);
    return outcomes;
  }

  async pause(queues: readonly string[], paused: boolean): Promise<void> {
    if (queues.length === 0) return;
    for (const queue of queues) checkName("queue", queue);
    await this.#client.write(() => setPaused(this.#client, queues, paused));
    if (!paused) this.#signals.work(queues);
  }

  holders(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const now = this.#clock.now();
    return this.#client.read(() =>
      keys.map((key) => holderOf(this.#client, key, now))
    );
  }

  async purge(queues: readonly string[]): Promise<number> {
    let total = 0;
    for (const queue of new Set(queues)) {
      let count: number;
      do {
        count = await this.#client.write(() =>
          purgeStep(this.#client, queue, this.#clock.now())
        );
        total += count;
      } while (count >= PURGE_STEP);
    }
    return total;
  }

  /** Ends every wait. */
  close(): void {
    this.#closed.abort();
  }
}
