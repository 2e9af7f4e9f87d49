/**
 * Tells who subscribed that tasks have ended, in this process and in others.
 *
 * @module
 */

import type { EndedListener } from "../../src/contracts/mod.ts";
import { type Channels, payloadsOf, readPayload } from "./channels.ts";
import type { Client } from "./client.ts";
import { textArray } from "./text.ts";
import { unheldTimer } from "./clock.ts";
import type { Listener, Subscription } from "./listen.ts";

/** More payloads than that are not worth it: "unknown" is said instead. */
const MOST_PAYLOADS = 8;
/** The times between two looks where nothing can be listened to, in ms. */
const FAST_POLL = 10;
const SLOW_POLL = 500;

/** The subscriptions of one store. */
export class EndedFeed {
  readonly #client: Client;
  readonly #channels: Channels;
  readonly #listener: Listener | undefined;
  readonly #sender: string;
  readonly #last: string;
  readonly #listeners = new Set<EndedListener>();
  #subscription: Subscription | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #firstLook: Promise<void> | undefined;

  constructor(
    client: Client,
    channels: Channels,
    listener: Listener | undefined,
    sender: string,
    s: string,
  ) {
    this.#client = client;
    this.#channels = channels;
    this.#listener = listener;
    this.#sender = sender;
    this.#last = `select last_value::text, is_called from ${s}.result_seq`;
  }

  /** The channel of this. */
  get channel(): string {
    return this.#channels.ended;
  }

  /** What to say of the ends of these tasks; several payloads if needed. */
  payloads(ids: readonly string[]): readonly string[] {
    if (ids.length === 0) return [];
    const payloads = payloadsOf(this.#sender, ids);
    return payloads.length > MOST_PAYLOADS ? [this.#sender] : payloads;
  }

  /** Adds a subscription and returns what ends it. */
  async subscribe(listener: EndedListener): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: EndedListener = (ids) => listener(ids);
    this.#listeners.add(own);
    const end = () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
    if (this.#listener === undefined) {
      await (this.#firstLook ??= this.#startPolling());
      return end;
    }
    this.#subscription ??= this.#listener.listen(this.channel, {
      heard: (payload) => this.#hear(payload),
      missed: () => this.stored("unknown"),
    });
    await this.#subscription.ready;
    return end;
  }

  /** Tells everybody, by a statement of its own. */
  async say(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    this.stored(ids);
    try {
      await this.#client.run(
        "select pg_notify($1::text, said) from unnest($2::text[]) as said",
        [this.channel, textArray(this.payloads(ids))],
      );
    } catch {
      // They are stored, and who waits looks again by and by.
    }
  }

  /** This process has stored records that end these tasks. */
  stored(ids: readonly string[] | "unknown"): void {
    if (ids.length === 0) return;
    for (const listener of [...this.#listeners]) listener(ids);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#listeners.clear();
    clearTimeout(this.#poll);
    this.#poll = undefined;
    this.#firstLook = undefined;
    this.#subscription?.end();
    this.#subscription = undefined;
  }

  #hear(payload: string): void {
    const { sender, items } = readPayload(payload);
    if (sender === this.#sender) return;
    this.stored(items.length === 0 ? "unknown" : items);
  }

  /** From here on nothing is missed. */
  async #startPolling(): Promise<void> {
    this.#pollLater(FAST_POLL, await this.#look());
  }

  /** How far the storing is; `undefined` when the server is away. */
  async #look(): Promise<string | undefined> {
    try {
      return String((await this.#client.run(this.#last))[0]);
    } catch {
      // The next look tries again.
      return undefined;
    }
  }

  /** Where nothing can be listened to: has anything been stored? */
  #pollLater(pause: number, seen: string | undefined): void {
    if (this.#listeners.size === 0 || this.#client.closed.aborted) return;
    clearTimeout(this.#poll);
    this.#poll = unheldTimer(pause, async () => {
      const last = await this.#look();
      const isNew = last !== undefined && last !== seen;
      if (isNew) this.stored("unknown");
      this.#pollLater(
        isNew ? FAST_POLL : Math.min(SLOW_POLL, pause * 1.3),
        last ?? seen,
      );
    });
  }
}
