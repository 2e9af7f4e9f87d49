/**
 * The broker: each call is one statement, and what it changed is signalled
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
  GroupPlan,
  HeartbeatReply,
  Message,
  PublishOptions,
  ReapedConsumer,
  ReserveRequest,
  Settlement,
} from "../../src/contracts/mod.ts";
import { Cancelling } from "./cancel.ts";
import type { Client } from "./client.ts";
import { Consumers } from "./consumers.ts";
import type { EndedFeed } from "./ended_feed.ts";
import type { Floors } from "./floors.ts";
import { planParams } from "./groups.ts";
import {
  batchParams,
  identitySql,
  messageArrays,
  type PublishShape,
  publishSql,
  publishWithinSql,
  whichWereAdded,
} from "./publish.ts";
import { Operations } from "./operations.ts";
import { Pausing } from "./pause.ts";
import { Reserving } from "./reserving.ts";
import { Settling } from "./settling.ts";
import type { Signals } from "./signals.ts";
import { quoteName, textIn } from "./text.ts";
import { isElsewhere, runWithin } from "./transaction.ts";

/** Messages, leases and consumers in a PostgreSQL schema. */
export class PostgresBroker implements Broker {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #feed: EndedFeed;
  readonly #consumers: Consumers;
  readonly #reserving: Reserving;
  readonly #settling: Settling;
  readonly #cancelling: Cancelling;
  readonly #operations: Operations;
  readonly #pausing: Pausing;
  readonly #schema: string;
  readonly #texts = new Map<string, string>();
  readonly #identitySql: string;
  #identity: string | undefined;

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    feed: EndedFeed,
    floors: Floors,
  ) {
    const s = quoteName(client.schema);
    this.#schema = s;
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#feed = feed;
    this.#consumers = new Consumers(client, s);
    this.#reserving = new Reserving(
      client,
      clock,
      signals,
      this.#consumers,
      floors,
      s,
    );
    this.#settling = new Settling(client, clock, signals, feed, s);
    this.#cancelling = new Cancelling(client, s);
    this.#operations = new Operations(client, s);
    this.#pausing = new Pausing(client, clock, signals, this.#operations, s);
    this.#identitySql = identitySql(s);
  }

  async publish(
    batch: readonly Message[],
    { transaction, groups = [] }: PublishOptions = {},
  ): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    const queues = [...new Set(batch.map((message) => message.queue))];
    if (transaction !== undefined && transaction !== null) {
      return await this.#publishWithin(batch, queues, groups, transaction);
    }
    const offered = this.#signals.offer(queues);
    const now = this.#clock.now();
    const { form, params } = batchParams(batch, now);
    const text = this.#text({ form, groups: groups.length > 0 });
    const plans = groups.length > 0 ? planParams(groups) : [];
    const { channel } = this.#signals;
    const [row] = await this.#operations.once(
      now,
      (operation) =>
        this.#client.run(
          text,
          [...params, channel, offered, ...operation, ...plans],
          { refusedWhenAway: true },
        ),
    );
    this.#signals.queued(queues, offered);
    return whichWereAdded(batch, row, textIn);
  }

  async #publishWithin(
    batch: readonly Message[],
    queues: readonly string[],
    groups: readonly GroupPlan[],
    transaction: unknown,
  ): Promise<readonly boolean[]> {
    const row = await runWithin(
      this.#client,
      transaction,
      publishWithinSql(this.#schema, groups.length > 0),
      [
        ...messageArrays(batch, this.#clock.now()),
        this.#signals.channel,
        this.#signals.offerToAll(queues),
        await this.#identify(),
        ...(groups.length > 0 ? planParams(groups) : []),
      ],
    );
    const elsewhere = row?.[1] ?? null;
    if (elsewhere !== null) {
      // Perhaps it is this one that was moved: asked anew the next time.
      this.#identity = undefined;
      throw isElsewhere(this.#client, elsewhere);
    }
    return whichWereAdded(batch, row, textIn);
  }

  #text(shape: PublishShape): string {
    const key = Object.values(shape).join();
    let text = this.#texts.get(key);
    if (text === undefined) {
      this.#texts.set(key, text = publishSql(this.#schema, shape));
    }
    return text;
  }

  /** What tells this database from others; asked once. */
  async #identify(): Promise<string> {
    if (this.#identity !== undefined) return this.#identity;
    const [row] = await this.#client.run(this.#identitySql);
    return this.#identity = String(row?.[0]);
  }

  reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    return this.#reserving.reserve(request);
  }

  async settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    return await this.#settling.settle(consumer, batch);
  }

  async heartbeat(consumer: ConsumerInfo): Promise<HeartbeatReply> {
    await this.#reserving.releaseDoubtful(consumer.id);
    return await this.#consumers.beat(consumer, this.#clock.now());
  }

  async leave(consumer: string): Promise<void> {
    const returned = await this.#consumers.leave(consumer);
    this.#reserving.forget(consumer);
    if (returned) this.#signals.queued(null, null);
  }

  async reap(): Promise<readonly ReapedConsumer[]> {
    const now = this.#clock.now();
    await this.#operations.sweep(now);
    const reaped = await this.#consumers.reap(now);
    if (reaped.length > 0) this.#signals.queued(null, null);
    return reaped;
  }

  async cancel(
    batch: readonly CancelRequest[],
  ): Promise<readonly CancelOutcome[]> {
    if (batch.length === 0) return [];
    const now = this.#clock.now();
    const { outcomes, ready } = await this.#cancelling.cancel(batch, now);
    if (ready.length > 0) this.#signals.queued(ready, null);
    const ended = batch.flatMap(({ result }, at) =>
      outcomes[at] === "removed" && result?.ended ? [result.id] : []
    );
    await this.#feed.say(ended);
    return outcomes;
  }

  async pause(queues: readonly string[], paused: boolean): Promise<void> {
    if (queues.length === 0) return;
    await this.#pausing.pause([...new Set(queues)], paused);
  }

  holders(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    return Promise.resolve(keys.map(() => undefined));
  }

  async purge(queues: readonly string[]): Promise<number> {
    let total = 0;
    for (const queue of new Set(queues)) {
      total += await this.#cancelling.purge(queue);
    }
    return total;
  }
}
