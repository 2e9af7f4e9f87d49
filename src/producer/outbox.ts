/**
 * Sending within a transaction of the application's own. Where tasks wait in
 * the database of the transaction, they are put there with it. Where they wait
 * elsewhere, the outbox keeps them in that database, and workers relay them to
 * the broker once it has committed (`worker/relay.ts`).
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { Store } from "../contracts/store.ts";
import type { Settings } from "../settings.ts";
import { ConfigError, DecodeError } from "../errors.ts";
import { isTaskId } from "../message/ids.ts";
import type { LoadStore, Stores } from "./stores.ts";

/** The queue of the outbox's store that messages wait in. */
export const OUTBOX_QUEUE = "lovage.outbox";

/** Takes messages that are to exist if and only if a transaction commits. */
export class Outbox {
  readonly #settings: () => Settings;
  readonly #load: LoadStore;
  readonly #stores: Stores;
  #opening: Promise<Store> | null = null;

  /** Nothing is opened yet. */
  constructor(
    settings: () => Settings,
    load: LoadStore,
    stores: Stores,
  ) {
    this.#settings = settings;
    this.#load = load;
    this.#stores = stores;
  }

  /** Whether messages are kept for a relay: not where tasks wait anyway. */
  get isConfigured(): boolean {
    const { outbox, store, brokerUrl } = this.#settings();
    return outbox !== null && outbox !== (store ?? brokerUrl);
  }

  /**
   * The store of the outbox, opened once. A failure is not kept.
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
   * Publishes messages, if and only if the transaction commits.
   *
   * @returns for each message whether it was added; `null` where that is known
   * only when they are relayed
   * @throws {ConfigError} when there is no place for them in its database
   * @throws {StoreError} for what is no transaction, and for what failed in it
   */
  async publish(
    messages: readonly Message[],
    transaction: unknown,
  ): Promise<readonly boolean[] | null> {
    if (this.isConfigured) {
      refuseUnique(messages);
      const { broker } = await this.open();
      await broker.publish(messages.map(wrap), { transaction });
      return null;
    }
    const { broker: store } = await this.#stores.open();
    const own = store.capabilities.transactions ? store : await this.open();
    return await own.broker.publish(messages, { transaction });
  }

  /** Closes its store. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    await opening?.then((store) => store.close(), () => {});
  }

  async #open(): Promise<Store> {
    const store = await this.#choose();
    await store.open();
    return store;
  }

  async #choose(): Promise<Store> {
    const { outbox, store: given, brokerUrl } = this.#settings();
    if (outbox !== null) {
      const store = await this.#loaded(outbox);
      if (store.capabilities.transactions) return store;
      throw new ConfigError(
        `The outbox cannot be ${store.scheme}://, which has no transactions of yours: give the URL of your PostgreSQL database`,
      );
    }
    // A task reaches its worker's stores by message, a transaction does not:
    // it takes a store here, in the isolate.
    if (this.#stores.areLent) {
      const store = await this.#loaded(given ?? brokerUrl);
      if (store.capabilities.transactions) return store;
    }
    const { broker } = await this.#stores.open();
    throw new ConfigError(
      `${broker.scheme}:// cannot send within a transaction (tx, app.onCommit()): set \`outbox\` to the URL of the database of your transactions (postgres://…), which keeps tasks until the commit, or let tasks wait there (brokerUrl)`,
    );
  }

  async #loaded(store: Store | string): Promise<Store> {
    return typeof store === "string"
      ? await this.#load(store, this.#settings().clock)
      : store;
  }
}

// Whether there is another one like it is known only when it is relayed: then
// nobody could be told any more which task stands for it.
function refuseUnique(messages: readonly Message[]): void {
  const one = messages.find(({ unique }) => unique !== undefined);
  if (one === undefined) return;
  throw new ConfigError(
    `Task "${one.task}" is unique, so it cannot be sent by way of the outbox, which does not know of the tasks that wait elsewhere: send in the transaction a task that sends it, give the call { unique: false } to send it whatever there is, or let tasks wait in that database (brokerUrl)`,
  );
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
  const { id, task, queue, priority, eta = null, limits } = message ?? {};
  if (
    !isTaskId(id) || !isFilled(task) || !isFilled(queue) ||
    !isPriority(priority) || (eta !== null && !Number.isFinite(eta)) ||
    (limits !== undefined && !Array.isArray(limits)) ||
    typeof message?.body !== "string"
  ) {
    throw new DecodeError(
      "What is in the outbox is no message to relay: something else than onCommit() and { tx } has written it",
    );
  }
  const unlimited = { id, task, queue, priority, eta, body: message.body };
  return limits === undefined ? unlimited : { ...unlimited, limits };
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isPriority(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 9;
}
