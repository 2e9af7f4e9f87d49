/**
 * The bus. A payload goes with the notification if it is short enough, and in
 * any case into a table that is kept for a minute: for long ones, and for
 * stores that cannot listen.
 *
 * @module
 */

import type { Bus, BusListener, Clock } from "../../src/contracts/mod.ts";
import { type Channels, isShort } from "./channels.ts";
import type { Client } from "./client.ts";
import { unheldTimer } from "./clock.ts";
import type { Listener, Subscription } from "./listen.ts";
import { numberArray, quoteName, textArray, textIn, textOut } from "./text.ts";

/** How long a payload can be read, in ms. */
const RETENTION = 60_000;
/**
 * How many numbers back one looks who polls: a payload of a smaller number
 * may have been committed later.
 */
const OVERLAP = 200;
/** The times between two looks where nothing can be listened to, in ms. */
const FAST_POLL = 20;
const SLOW_POLL = 1_000;
/** Of so many broadcasts one sweeps. */
const SWEEP_EVERY = 64;

interface Outgoing {
  readonly topic: string;
  readonly payload: string;
  readonly done: PromiseWithResolvers<void>;
}

interface Topic {
  readonly listeners: Set<BusListener>;
  readonly subscription: Subscription | undefined;
}

/** Broadcast between the processes that share a schema. */
export class PostgresBus implements Bus {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #channels: Channels;
  readonly #listener: Listener | undefined;
  readonly #send: string;
  readonly #sweep: string;
  readonly #read: string;
  readonly #poll: string;
  readonly #last: string;
  readonly #topics = new Map<string, Topic>();
  readonly #heard = new Set<number>();
  #outgoing: Outgoing[] = [];
  #sending: Promise<void> | undefined;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;

  constructor(
    client: Client,
    clock: Clock,
    channels: Channels,
    listener: Listener | undefined,
  ) {
    const s = quoteName(client.schema);
    this.#client = client;
    this.#clock = clock;
    this.#channels = channels;
    this.#listener = listener;
    // $4 says which payloads go with the notification itself.
    this.#send = `with sent as (
        insert into ${s}.bus (sent_at, sender, topic, payload)
        select $5::bigint, '', topic, payload
        from unnest($1::text[], $2::text[]) with ordinality
          as i (topic, payload, place)
        order by place
        returning seq
      ), numbered as materialized (
        select seq, row_number() over (order by seq) as place from sent
      ), told as materialized (
        select pg_notify(channel, case short when 1
          then 'p' || seq || ':' || payload else 'k' || seq end)
        from unnest($2::text[], $3::text[], $4::int[]) with ordinality
          as i (payload, channel, short, place)
        join numbered using (place)
        order by place
      )
      select count(*) from told`;
    this.#sweep = `delete from ${s}.bus where seq in (
      select seq from ${s}.bus where sent_at <= $1::bigint
      order by seq limit ${4 * SWEEP_EVERY})`;
    this.#read = `select topic, payload from ${s}.bus where seq = $1::bigint`;
    this.#poll = `select seq::float8, topic, payload
      from ${s}.bus where seq > $1::bigint order by bus.seq limit 1000`;
    this.#last = `select case when is_called then last_value else 0 end::float8
      from ${s}.bus_seq_seq`;
  }

  broadcast(topic: string, payload: string): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#outgoing.push({ topic, payload, done });
    this.#sending ??= this.#sendAll();
    return done.promise;
  }

  async subscribe(topic: string, listener: BusListener): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: BusListener = (payload) => listener(payload);
    let entry = this.#topics.get(topic);
    if (entry === undefined) {
      const subscription = this.#listener?.listen(
        this.#channels.topic(topic),
        { heard: (said) => void this.#hear(topic, said), missed: () => {} },
      );
      entry = { listeners: new Set(), subscription };
      this.#topics.set(topic, entry);
    }
    entry.listeners.add(own);
    if (entry.subscription === undefined) await this.#startPolling();
    else await entry.subscription.ready;
    return () => this.#end(topic, own);
  }

  /** Ends all subscriptions; what is on its way is sent. */
  async close(): Promise<void> {
    for (const { subscription } of this.#topics.values()) subscription?.end();
    this.#topics.clear();
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #end(topic: string, listener: BusListener): void {
    const entry = this.#topics.get(topic);
    if (!entry?.listeners.delete(listener) || entry.listeners.size > 0) return;
    this.#topics.delete(topic);
    entry.subscription?.end();
    if (this.#topics.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One statement at a time, so that a sender's payloads keep their order. */
  async #sendAll(): Promise<void> {
    while (this.#outgoing.length > 0) {
      const batch = this.#outgoing.splice(0, 500);
      try {
        await this.#client.run(this.#send, [
          textArray(batch.map((one) => one.topic)),
          textArray(batch.map((one) => one.payload)),
          textArray(batch.map((one) => this.#channels.topic(one.topic))),
          numberArray(batch.map((one) => isShort(textIn(one.payload)) ? 1 : 0)),
          this.#clock.now(),
        ]);
        for (const one of batch) one.done.resolve();
        this.#sweepSometimes(batch.length);
      } catch (error) {
        for (const one of batch) one.done.reject(error);
      }
    }
    this.#sending = undefined;
  }

  #sweepSometimes(count: number): void {
    this.#sent += count;
    if (this.#sent < SWEEP_EVERY) return;
    this.#sent = 0;
    const before = this.#clock.now() - RETENTION;
    // Best effort: the next one sweeps as well.
    this.#client.run(this.#sweep, [before]).catch(() => {});
  }

  async #hear(topic: string, said: string): Promise<void> {
    const [, kind, seq = "", payload = ""] =
      /^([pk])(\d+):?([\s\S]*)$/.exec(said) ?? [];
    if (kind === "p") return this.#tell(topic, textOut(payload));
    if (kind !== "k") return;
    try {
      const [row] = await this.#client.run(this.#read, [seq]);
      if (row !== undefined) this.#tell(textOut(row[0]), textOut(row[1]));
    } catch {
      // Best effort.
    }
  }

  #tell(topic: string, payload: string): void {
    const { listeners } = this.#topics.get(topic) ?? {};
    for (const listener of [...listeners ?? []]) listener(payload);
  }

  async #startPolling(): Promise<void> {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {}, 0);
    const [row] = await this.#client.run(this.#last);
    this.#since = Number(row?.[0] ?? 0);
    await this.#newRows(false);
    this.#pollLater(FAST_POLL);
  }

  /** Reads what is new, and tells it; returns how much that was. */
  async #newRows(tell: boolean): Promise<number> {
    const from = this.#since - OVERLAP;
    const rows = await this.#client.run(this.#poll, [from]);
    let news = 0;
    for (const [key, topic, payload] of rows) {
      const seq = key as number;
      if (this.#heard.has(seq)) continue;
      news++;
      this.#heard.add(seq);
      this.#since = Math.max(this.#since, seq);
      if (tell) this.#tell(textOut(topic), textOut(payload));
    }
    for (const seq of this.#heard) {
      if (seq <= this.#since - OVERLAP) this.#heard.delete(seq);
    }
    return news;
  }

  #pollLater(pause: number): void {
    if (this.#topics.size === 0 || this.#client.closed.aborted) return;
    this.#timer = unheldTimer(pause, async () => {
      let news = 0;
      try {
        news = await this.#newRows(true);
      } catch {
        // The next look tries again.
      }
      this.#pollLater(
        news > 0 ? FAST_POLL : Math.min(SLOW_POLL, pause * 1.3),
      );
    });
  }
}
