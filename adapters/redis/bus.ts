/**
 * The bus, which is what Redis calls publish and subscribe.
 *
 * @module
 */

import type { Bus, BusListener } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { BROADCAST } from "./scripts/bus.ts";
import type { Subscriber } from "./subscriber.ts";

/** Broadcast between the processes that share a server. */
export class RedisBus implements Bus {
  readonly #client: Client;
  readonly #subscriber: Subscriber;

  constructor(client: Client, subscriber: Subscriber) {
    this.#client = client;
    this.#subscriber = subscriber;
  }

  async broadcast(topic: string, payload: string): Promise<void> {
    // By a script, which has a key and so goes to one node of a cluster: only
    // what one node publishes keeps its order.
    await this.#client.run(BROADCAST, [this.#channel(topic), payload]);
  }

  subscribe(topic: string, listener: BusListener): Promise<() => void> {
    return this.#subscriber.subscribe(this.#channel(topic), listener);
  }

  #channel(topic: string): string {
    return `${this.#client.prefix}bus:${topic}`;
  }
}
