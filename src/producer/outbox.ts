/**
 * The outbox: tasks that are to be sent once a transaction of the
 * application's database has committed, kept in that database until then.
 * Workers relay them to the broker (`worker/relay.ts`).
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import type { Settings } from "../config.ts";
import { ConfigError, DecodeError } from "../errors.ts";
import type { LoadStore } from "./stores.ts";

/** The queue of the outbox's store that messages wait in. */
export const OUTBOX_QUEUE = "lovage.outbox";

/** Keeps messages until a transaction has committed. */
export class Outbox {
  readonly #settings: () => Settings;
  readonly #clock: () => Clock;
  readonly #load: LoadStore;
  #opening: Promise<Store> | null = null;

  /** Nothing is opened yet. */
  constructor(settings: () => Settings, clock: () => Clock, load: LoadStore) {
    this.#settings = settings;
    this.#clock = clock;
    this.#load = load;
  }

  /** Whether there is one. */
  get isConfigured(): boolean {
    return this.#settings().outbox !== null;
  }

  /**
   * Its store, opened once. A failure is not kept.
   *
   * @throws {ConfigError} when there is none, or it knows no transactions
   */
  open(): Promise<Store> {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /**
   * Keeps messages, if and only if the transaction commits.
   *
   * @throws {ConfigError} when there is no outbox
   */
  async publish(
    messages: readonly Message[],
    transaction: unknown,
  ): Promise<void> {
    const store = await this.open();
    await store.broker.publish(messages.map(wrap), transaction);
  }

  /** Closes its store. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    await opening?.then((store) => store.close(), () => {});
  }

  async #open(): Promise<Store> {
    const { outbox } = this.#settings();
    if (outbox === null) {
      throw new ConfigError(
        "onCommit() needs a place in your database: set `outbox` to its URL (postgres://…), or let tasks wait there (brokerUrl) and send with { tx }",
      );
    }
    const store = typeof outbox === "string"
      ? await this.#load(outbox, this.#clock())
      : outbox;
    if (!store.capabilities.transactions) {
      throw new ConfigError(
        `The outbox cannot be ${store.scheme}://, which has no transactions of yours: give the URL of your PostgreSQL database`,
      );
    }
    await store.open();
    return store;
  }
}

function wrap(message: Message): Message {
  return {
    id: message.id,
    task: message.task,
    queue: OUTBOX_QUEUE,
    priority: 0,
    eta: null,
    body: JSON.stringify(message),
  };
}

/**
 * The message that an outbox's message carries.
 *
 * @throws {DecodeError} when it carries none
 */
export function unwrap(body: string): Message {
  let message: Partial<Message> | null = null;
  try {
    message = JSON.parse(body);
  } catch {
    // Said below.
  }
  if (
    typeof message?.id !== "string" || typeof message.task !== "string" ||
    typeof message.queue !== "string" || typeof message.body !== "string" ||
    typeof message.priority !== "number"
  ) {
    throw new DecodeError("What is in the outbox is no message to relay");
  }
  return { ...message as Message, eta: message.eta ?? null };
}
