/**
 * The broker over the shards of a cluster.
 *
 * What a shard does is carried out as a whole; what reaches beyond one is
 * done in the order that loses nothing: first the lease is looked at, then
 * successors are published, then the delivery is settled. An id is live at
 * most once per shard.
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
  Inspector,
  Message,
  ReapedConsumer,
  ReserveRequest,
  ResultBackend,
  Settlement,
} from "../../../src/contracts/mod.ts";
import { checkName } from "../format.ts";
import { ClusterReserver } from "./reserve.ts";
import { scoped, scopedKey } from "./scope.ts";
import {
  scatter,
  type Shard,
  shardAt,
  shardOf,
  shardOfToken,
  tokenInShard,
} from "./shards.ts";

/** Messages, leases and consumers in a cluster. */
export class ClusterBroker implements Broker {
  readonly #shards: readonly Shard[];
  readonly #reserver: ClusterReserver;
  readonly #results: ResultBackend;
  readonly #inspector: Inspector;

  constructor(
    shards: readonly Shard[],
    clock: Clock,
    results: ResultBackend,
    inspector: Inspector,
  ) {
    this.#shards = shards;
    this.#reserver = new ClusterReserver(shards, clock);
    this.#results = results;
    this.#inspector = inspector;
  }

  async publish(batch: readonly Message[]): Promise<readonly boolean[]> {
    const fresh = await this.#withFreeKeys(batch);
    await this.#startOver(fresh.map(({ id }) => id));
    return await scatter(
      batch,
      ({ queue }) => shardOf(queue),
      (index, part) => this.#at(index).publish(part.map(scoped)),
    );
  }

  reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    return this.#reserver.reserve(request);
  }

  settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    return scatter(
      batch,
      ({ token }) => shardOfToken(token),
      async (index, part) => {
        const own = await Promise.all(
          part.map((one) => this.#prepare(consumer, index, one)),
        );
        return await this.#at(index).settle(consumer, own);
      },
    );
  }

  async heartbeat(consumer: ConsumerInfo): Promise<HeartbeatReply> {
    const replies = await this.#all(({ broker }) => broker.heartbeat(consumer));
    return {
      known: replies.every(({ known }) => known),
      cancellations: replies.flatMap(({ cancellations }) => cancellations),
    };
  }

  async leave(consumer: string): Promise<void> {
    await this.#all(({ broker }) => broker.leave(consumer));
  }

  async reap(): Promise<readonly ReapedConsumer[]> {
    const reaped = new Map<string, ReapedConsumer>();
    const all = await this.#all(({ broker }) => broker.reap());
    for (const one of all.flat()) {
      const before = reaped.get(one.id);
      const returned = [...before?.returned ?? [], ...one.returned];
      // One that never reserved from a shard is known there all the same.
      const name = one.name === one.id ? before?.name ?? one.name : one.name;
      reaped.set(one.id, { id: one.id, name, returned });
    }
    return [...reaped.values()];
  }

  async cancel(
    batch: readonly CancelRequest[],
  ): Promise<readonly CancelOutcome[]> {
    const outcomes = await this.#cancelAll(batch, false);
    const unknown = batch.filter((_, at) => outcomes[at] === "unknown");
    if (unknown.length === 0) return outcomes;
    // Whichever shard it will come to must know; it may have come meanwhile.
    const again = await this.#cancelAll(unknown, true);
    return outcomes.map((outcome) =>
      outcome === "unknown" ? again.shift() ?? outcome : outcome
    );
  }

  async pause(queues: readonly string[], paused: boolean): Promise<void> {
    // Before the first shard: one that is refused pauses none.
    for (const queue of queues) checkName("queue", queue);
    await scatter(queues, shardOf, async (index, part) => {
      await this.#at(index).pause(part, paused);
      return [];
    });
  }

  /** Of several queues with a message of one key, the message of one. */
  async holders(
    keys: readonly string[],
  ): Promise<readonly (string | undefined)[]> {
    const all = await this.#all(({ broker }) => broker.holdersInQueues(keys));
    return keys.map((_, at) =>
      all.map((found) => found[at]).find((id) => id !== undefined)
    );
  }

  async purge(queues: readonly string[]): Promise<number> {
    const counts = await scatter(
      [...new Set(queues)],
      shardOf,
      async (index, part) => {
        const count = await this.#at(index).purge(part);
        return part.map((_, at) => at === 0 ? count : 0);
      },
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Ends every wait. */
  close(): void {
    this.#reserver.close();
    for (const { broker } of this.#shards) broker.close();
  }

  #at(index: number): Shard["broker"] {
    return shardAt(this.#shards, index).broker;
  }

  #all<T>(ask: (shard: Shard) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#shards.map(ask));
  }

  /** Without those that will be refused, as others have their unique keys. */
  async #withFreeKeys(batch: readonly Message[]): Promise<readonly Message[]> {
    if (!batch.some(({ unique }) => unique !== undefined)) return batch;
    const holders = await scatter(
      batch,
      ({ queue }) => shardOf(queue),
      (index, part) =>
        this.#at(index).holders(
          part.map(({ queue, unique }) => scopedKey(queue, unique?.key ?? "")),
        ),
    );
    return batch.filter(({ id, unique }, at) =>
      unique === undefined || (holders[at] ?? id) === id
    );
  }

  /** Drops what is known of earlier runs of these ids that have ended. */
  async #startOver(ids: readonly string[]): Promise<void> {
    const records = await this.#results.fetch(ids);
    const ended = ids.filter((_, at) => records[at]?.ended);
    if (ended.length === 0) return;
    const live = await this.#inspector.find(ended);
    await this.#results.forget(ended.filter((_, at) => live[at] === undefined));
  }

  /** Does what a settlement causes elsewhere, and returns the rest of it. */
  async #prepare(
    consumer: string,
    index: number,
    settlement: Settlement,
  ): Promise<Settlement> {
    const token = tokenInShard(settlement.token);
    const { id, action, publish = [] } = settlement;
    const isHere = ({ queue }: Message) => shardOf(queue) === index;
    const moves = action.kind === "requeue" && !isHere(action.message);
    const elsewhere = publish.filter((one) => !isHere(one));
    const own = {
      ...settlement,
      token,
      publish: publish.filter(isHere).map(scoped),
      action: action.kind === "requeue"
        ? { ...action, message: scoped(action.message) }
        : action,
    };
    if (!moves && elsewhere.length === 0) return own;
    if (await this.#at(index).holds(consumer, id, token)) {
      await this.publish(moves ? [action.message, ...elsewhere] : elsewhere);
    }
    return moves ? { ...own, action: { kind: "ack" } } : own;
  }

  async #cancelAll(
    batch: readonly CancelRequest[],
    remembers: boolean,
  ): Promise<CancelOutcome[]> {
    const all = await this.#all(({ broker }) =>
      broker.cancelHere(batch, remembers)
    );
    return batch.map((_, at) => {
      const said = all.map((outcomes) => outcomes[at]);
      if (said.includes("running")) return "running";
      return said.includes("removed") ? "removed" : "unknown";
    });
  }
}
