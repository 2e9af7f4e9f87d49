/**
 * The connection that listens. It is made when somebody subscribes, made anew
 * when it is lost, and looked after: one that is dead without knowing it is
 * found out by a message to itself.
 *
 * @module
 */

import { READING } from "../_net/within.ts";
import { unheldTimer } from "./clock.ts";
import type { Client } from "./client.ts";
import { Connection, within } from "./connection.ts";
import type { Driver, DriverFactory } from "./driver.ts";
import { explain, isPassing } from "./errors.ts";
import { Pauses } from "./pauses.ts";

/** Called with each payload of a channel. */
export type ChannelListener = (payload: string) => void;

/** How often the connection is tried, in ms. */
const CHECK_INTERVAL = 5_000;
/** How long subscribing may take, in ms. */
const DEADLINE = 5_000;

/** The subscriptions of one store. */
export class Subscriber {
  readonly #client: Client;
  readonly #connection: Connection;
  readonly #channels = new Map<string, Set<ChannelListener>>();
  readonly #subscribed = new Map<string, Promise<void>>();
  readonly #gapListeners = new Set<() => void>();
  readonly #checkChannel: string;
  readonly #pauses = new Pauses();
  #stopCheck: (() => void) | undefined;
  #heard = true;
  #restoring = false;
  #closed = false;

  constructor(client: Client, drivers: DriverFactory) {
    this.#client = client;
    this.#checkChannel = `${client.prefix}check:${client.id}`;
    this.#connection = new Connection(
      async () => {
        const driver = await drivers.make("subscriptions");
        driver.on("message", (channel: string, payload: string) => {
          this.#deliver(channel, payload);
        });
        return driver;
      },
      () => void this.#restore(),
    );
  }

  /**
   * Calls the listener with each payload of a channel from now on.
   *
   * @returns a function that ends this
   */
  async subscribe(
    channel: string,
    listener: ChannelListener,
  ): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: ChannelListener = (payload) => listener(payload);
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(own));
    const end = () => {
      listeners.delete(own);
      if (listeners.size > 0 || this.#channels.get(channel) !== listeners) {
        return;
      }
      this.#channels.delete(channel);
      this.#subscribed.delete(channel);
      void this.#leave(channel);
    };
    try {
      await this.#join(channel);
    } catch (error) {
      end();
      throw explain(error, this.#client.address);
    }
    return end;
  }

  /** Calls the listener when payloads may have been missed. */
  onGap(listener: () => void): void {
    this.#gapListeners.add(listener);
  }

  /** Listens elsewhere, unless it listens there already. */
  moved(host: string, port: number): void {
    this.#connection.moved(host, port);
  }

  /** Ends all subscriptions. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopCheck?.();
    this.#pauses.end();
    this.#channels.clear();
    await this.#connection.close();
  }

  #deliver(channel: string, payload: string): void {
    this.#heard = true;
    for (const listener of [...this.#channels.get(channel) ?? []]) {
      listener(payload);
    }
  }

  #join(channel: string): Promise<void> {
    let joined = this.#subscribed.get(channel);
    if (joined === undefined) {
      joined = this.#joinPatiently(channel);
      this.#subscribed.set(channel, joined);
      joined.catch(() => this.#subscribed.delete(channel));
    }
    return joined;
  }

  async #joinPatiently(channel: string): Promise<void> {
    const end = performance.now() + DEADLINE;
    for (;;) {
      let driver: Driver | undefined;
      try {
        driver = await this.#connection.get();
        if (this.#stopCheck === undefined) this.#scheduleCheck();
        await within(
          DEADLINE,
          driver.subscribe(channel, this.#checkChannel),
        );
        return;
      } catch (error) {
        this.#connection.drop(driver);
        const late = performance.now() > end;
        if (this.#closed || late || !isPassing(error)) throw error;
        await this.#pauses.pause(100, false);
      }
    }
  }

  async #leave(channel: string): Promise<void> {
    try {
      if (this.#closed) return;
      const driver = await this.#connection.get();
      // Somebody may have come back meanwhile.
      if (!this.#channels.has(channel)) await driver.unsubscribe(channel);
    } catch {
      // A connection that is lost has left.
    }
  }

  /** Subscribes to everything again, until that succeeds. */
  async #restore(): Promise<void> {
    if (this.#restoring || this.#channels.size === 0) return;
    this.#restoring = true;
    for (let pause = 20; this.#channels.size > 0; pause *= 2) {
      if (this.#closed) break;
      let driver: Driver | undefined;
      try {
        driver = await this.#connection.get();
        const channels = [...this.#channels.keys(), this.#checkChannel];
        await within(DEADLINE, driver.subscribe(...channels));
        for (const listener of this.#gapListeners) listener();
        break;
      } catch {
        this.#connection.drop(driver);
        await this.#pauses.pause(Math.min(pause, 2_000), false);
      }
    }
    this.#restoring = false;
  }

  #scheduleCheck(): void {
    this.#stopCheck?.();
    this.#stopCheck = unheldTimer(CHECK_INTERVAL, () => void this.#check());
  }

  async #check(): Promise<void> {
    if (this.#closed) return;
    if (this.#channels.size === 0) {
      this.#stopCheck = undefined;
      return;
    }
    // Where the process itself stood still, what has come is read first.
    if (!this.#heard) await this.#pauses.pause(READING, false);
    if (this.#closed) return;
    if (!this.#heard) {
      this.#heard = true;
      this.#connection.drop();
      // If there is none, somebody is at it already.
      void this.#restore();
    } else {
      this.#heard = false;
      await this.#client.command("PUBLISH", [this.#checkChannel, ""])
        .catch(() => this.#heard = true);
    }
    if (!this.#closed) this.#scheduleCheck();
  }
}
