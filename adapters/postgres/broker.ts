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
import type { Client, Param } from "./client.ts";
import { Consumers } from "./consumers.ts";
import type { EndedFeed } from "./ended_feed.ts";
import { planParams } from "./groups.ts";
import {
  batchParams,
  identitySql,
  messageArrays,
  type PublishShape,
  publishSql,
  publishWithinSql,
  specialArrays,
  specialWithinSql,
  whichWereAdded,
} from "./publish.ts";
import { Operations } from "./operations.ts";
import type { Parts } from "./parts.ts";
import { Pausing } from "./pause.ts";
import { Reserving } from "./reserving.ts";
import { Settling } from "./settling.ts";
import type { Signals } from "./signals.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import { isSpecial } from "./terms.ts";
import { quoteName, textArray, textIn, textOut } from "./text.ts";
import { isElsewhere, runWithin } from "./transaction.ts";

/** The queues that messages go to, and a word about limits. */
function queuesOf(batch: readonly Message[]): string[] {
  const queues = [...new Set(batch.map((message) => message.queue))];
  return batch.some(isSpecial) ? [...queues, LIMITS_MARK] : queues;
}

/** Messages, leases and consumers in a PostgreSQL schema. */
export class PostgresBroker implements Broker {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #given: Clock | null;
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
  readonly #holdersSql: string;
  readonly #sweepSql: string;
  #identity: string | undefined;

  constructor(parts: Parts) {
    const { client, clock, given, signals, feed } = parts;
    const s = quoteName(client.schema);
    this.#schema = s;
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
    this.#signals = signals;
    this.#feed = feed;
    this.#consumers = new Consumers(client, s);
    this.#reserving = new Reserving(parts, this.#consumers, s);
    this.#settling = new Settling(parts, s);
    this.#cancelling = new Cancelling(client, s);
    this.#operations = new Operations(client, s);
    this.#pausing = new Pausing(client, clock, signals, this.#operations, s);
    this.#identitySql = identitySql(s);
    this.#holdersSql = `select (select id from ${s}.unique_key
        where key = ${s}.limit_key(name)
          and (until is null or until > $2::bigint))
      from unnest($1::text[]) with ordinality as asked (name, place)
      order by place`;
    this.#sweepSql = `select ${s}.limit_sweep($1::bigint, $2::bigint)`;
  }

  async publish(
    batch: readonly Message[],
    { transaction, groups = [] }: PublishOptions = {},
  ): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    const queues = queuesOf(batch);
    if (transaction !== undefined && transaction !== null) {
      return await this.#publishWithin(batch, queues, groups, transaction);
    }
    const offered = this.#signals.offer(queues);
    const now = this.#clock.now();
    const { form, params } = batchParams(batch, now);
    const text = this.#text({ form, groups: groups.length > 0 });
    const plans = groups.length > 0 ? planParams(groups) : [];
    const { channel } = this.#signals;
    const call = (operation: readonly Param[]) =>
      this.#client.run(
        text,
        [...params, channel, offered, ...operation, ...plans],
        { refusedWhenAway: true },
      );
    if (form === "special") {
      const answer = await this.#operations.answer(now, call);
      this.#signals.queued(queues, offered);
      return JSON.parse(answer) as boolean[];
    }
    const [row] = await this.#operations.once(now, call);
    this.#signals.queued(queues, offered);
    return whichWereAdded(batch, row, textIn);
  }

  async #publishWithin(
    batch: readonly Message[],
    queues: readonly string[],
    groups: readonly GroupPlan[],
    transaction: unknown,
  ): Promise<readonly boolean[]> {
    const special = batch.some(isSpecial);
    const now = this.#clock.now();
    const row = await runWithin(
      this.#client,
      transaction,
      (special ? specialWithinSql : publishWithinSql)(
        this.#schema,
        groups.length > 0,
      ),
      [
        ...(special ? specialArrays : messageArrays)(batch, now),
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
    if (special) return JSON.parse(String(row?.[0])) as boolean[];
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
    const returned = await this.#consumers.leave(
      consumer,
      this.#clock.now(),
    );
    this.#reserving.forget(consumer);
    if (returned) this.#signals.queued(null, null);
  }

  async reap(): Promise<readonly ReapedConsumer[]> {
    const now = this.#clock.now();
    await this.#operations.sweep(now);
    const given = this.#given === null ? null : now;
    await this.#client.run(this.#sweepSql, [now, given]);
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

  async holders(
    keys: readonly string[],
  ): Promise<readonly (string | undefined)[]> {
    if (keys.length === 0) return [];
    const now = this.#clock.now();
    const rows = await this.#client.run(
      this.#holdersSql,
      [textArray(keys), now],
    );
    return rows.map(([id]) => id === null ? undefined : textOut(id));
  }

  async purge(queues: readonly string[]): Promise<number> {
    let total = 0;
    for (const queue of new Set(queues)) {
      const given = this.#given?.now() ?? null;
      total += await this.#cancelling.purge(queue, given);
    }
    return total;
  }
}
