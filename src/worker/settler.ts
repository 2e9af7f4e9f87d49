/**
 * Commits settlements, many at a time.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Message, Settlement } from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { OpenStores } from "../producer/stores.ts";
import type { StoreLink, StoreLinks } from "./store_link.ts";
import { Batcher } from "../service/batcher.ts";
import { pause } from "../service/clock.ts";
import { turn } from "../service/yield.ts";

const log = getLogger(["lovage", "worker"]);

// Pauses between tries while the store does not answer (ms).
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

/** Commits what came of tasks. */
export class Settler {
  readonly #stores: OpenStores;
  readonly #consumer: string;
  readonly #clock: Clock;
  readonly #links: StoreLinks;
  readonly #settlements: Batcher<Settlement, boolean>;
  readonly #records: Batcher<ResultRecord, undefined>;
  readonly #messages: Batcher<Message, boolean>;
  #pushed: Settlement[] = [];
  #pushing: Promise<void> | null = null;
  readonly #abandoned = new AbortController();

  /** @param consumer the id under which the deliveries were reserved */
  constructor(
    stores: OpenStores,
    links: StoreLinks,
    consumer: string,
    clock: Clock,
  ) {
    this.#links = links;
    this.#stores = stores;
    this.#consumer = consumer;
    this.#clock = clock;
    this.#settlements = new Batcher((batch) =>
      this.#persistently(() => this.#commit(batch))
    );
    this.#records = new Batcher(async (batch) => {
      await this.#persistently(() => this.#keep(batch));
      return batch.map(() => undefined);
    });
    this.#messages = new Batcher((batch) =>
      this.#persistently(() => stores.broker.broker.publish(batch))
    );
  }

  /**
   * Commits a settlement by and by: at once when nothing is being committed,
   * else with all that come until the event loop has turned.
   */
  push(settlement: Settlement): void {
    this.#pushed.push(settlement);
    this.#pushing ??= this.#commitPushed();
  }

  /**
   * Commits settlements; resolves when they are true.
   *
   * @returns for each whether its lease still held
   */
  async settle(batch: readonly Settlement[]): Promise<readonly boolean[]> {
    const held = await this.#settlements.add(batch);
    this.#reportStale(batch, held);
    return held;
  }

  #reportStale(
    batch: readonly Settlement[],
    held: readonly boolean[],
  ): void {
    for (const [index, settlement] of batch.entries()) {
      if (held[index] === true) continue;
      log.warn(
        "Task {id} was taken over by another worker; what came of it here does not count",
        { id: settlement.id },
      );
    }
  }

  /** Stores records of tasks that go on, or were acknowledged before. */
  async store(records: readonly ResultRecord[]): Promise<void> {
    await this.#records.add(records);
  }

  /** Publishes messages that belong to no settlement. */
  async publish(messages: readonly Message[]): Promise<void> {
    await this.#messages.add(messages);
  }

  /** Publishes messages that groups begin with. */
  async begin(
    groups: readonly GroupPlan[],
    messages: readonly Message[],
  ): Promise<void> {
    const { broker, backend, atomic } = this.#stores;
    await this.#persistently(async () => {
      if (!atomic) await backend.results.openGroups(groups);
      await broker.broker.publish(messages, atomic ? { groups } : {});
    });
  }

  /** Resolves when everything is committed. */
  async idle(): Promise<void> {
    while (this.#pushing !== null) await this.#pushing;
    await this.#settlements.idle();
    await this.#records.idle();
    await this.#messages.idle();
  }

  /** Gives up on what cannot be committed. */
  abandon(): void {
    this.#abandoned.abort();
  }

  async #commitPushed(): Promise<void> {
    await Promise.resolve();
    while (this.#pushed.length > 0) {
      const batch = this.#pushed;
      this.#pushed = [];
      try {
        const held = await this.#persistently(() => this.#commit(batch));
        this.#reportStale(batch, held);
      } catch (error) {
        log.error("What came of {count} tasks could not be stored: {error}", {
          count: batch.length,
          error: String(error),
        });
      }
      await turn();
    }
    this.#pushing = null;
  }

  /** Begins and counts groups; returns the bodies that are due by that. */
  async #count(held: readonly Settlement[]): Promise<readonly Message[]> {
    const { results } = this.#stores.backend;
    const groups = held.flatMap((one) => one.groups ?? []);
    if (groups.length > 0) await results.openGroups(groups);
    const ends = held.flatMap((one) => one.ends ?? []);
    return ends.length === 0 ? [] : await results.endMembers(ends);
  }

  // In one step where the store can. Where it cannot, in the order that loses
  // nothing: what is repeated after a crash is absorbed by its ids.
  async #commit(batch: readonly Settlement[]): Promise<readonly boolean[]> {
    const { broker, atomic } = this.#stores;
    if (atomic) return await broker.broker.settle(this.#consumer, batch);
    // Nothing of a lease that was lost: whoever has it now says what came of
    // it. (One that is lost between here and the end repeats what it said.)
    const held = await this.#stillHeld(batch);
    const records = held.flatMap(({ result }) => result ?? []);
    if (records.length > 0) await this.#keep(records);
    const messages = held.flatMap(({ publish }) => publish ?? []);
    const bodies = await this.#count(held);
    if (messages.length + bodies.length > 0) {
      await broker.broker.publish([...messages, ...bodies]);
    }
    return await broker.broker.settle(
      this.#consumer,
      batch.map(({ id, token, action }) => ({ id, token, action })),
    );
  }

  async #keep(records: readonly ResultRecord[]): Promise<void> {
    await this.#stores.backend.results.store(records);
    this.#links.backend.answered("writes");
  }

  async #stillHeld(
    batch: readonly Settlement[],
  ): Promise<readonly Settlement[]> {
    const { inspector } = this.#stores.broker;
    const live = await inspector.find(batch.map(({ id }) => id));
    return batch.filter((_, index) => live[index]?.consumer === this.#consumer);
  }

  /** Which store an error is about: it bears its address. */
  #linkOf(error: unknown): StoreLink {
    const { broker, backend } = this.#links;
    const isBackend = String(error).includes(this.#stores.backend.address);
    return isBackend ? backend : broker;
  }

  async #persistently<T>(commit: () => Promise<T>): Promise<T> {
    for (let ms = FIRST_PAUSE;; ms = Math.min(ms * 2, LONGEST_PAUSE)) {
      try {
        const done = await commit();
        this.#links.broker.answered("writes");
        return done;
      } catch (error) {
        if (this.#abandoned.signal.aborted) throw error;
        this.#linkOf(error).failed("writes", error, "Results are not stored");
        await pause(this.#clock, ms, this.#abandoned.signal);
      }
    }
  }
}
