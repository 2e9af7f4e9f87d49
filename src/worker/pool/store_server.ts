/**
 * Serves the worker's store to the tasks in its isolates.
 *
 * @module
 */

import type { Store } from "../../contracts/store.ts";
import { StoreError } from "../../errors.ts";
import {
  STORE_METHODS,
  type StoreFault,
  type StoreReply,
  type StoreRequest,
} from "./store_calls.ts";

/** The calls of one isolate. */
export interface StoreSession {
  /** Takes a request. */
  receive(text: string): void;
  /** Ends its subscriptions; answers nothing any more. */
  close(): void;
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** Makes sessions over one store. */
export class StoreServer {
  readonly #store: Store;

  /** Serves this store. */
  constructor(store: Store) {
    this.#store = store;
  }

  /** Opens a session that replies by this function. */
  open(reply: (text: string) => void): StoreSession {
    return new Session(this.#store, reply);
  }
}

class Session implements StoreSession {
  readonly #store: Store;
  readonly #send: (text: string) => void;
  /** Ends subscriptions; `null` while one is being made. */
  readonly #subscriptions = new Map<number, (() => void) | null>();
  #closed = false;

  constructor(store: Store, send: (text: string) => void) {
    this.#store = store;
    this.#send = send;
  }

  receive(text: string): void {
    const request = JSON.parse(text) as StoreRequest;
    if ("unsubscribe" in request) return this.#unsubscribe(request.unsubscribe);
    const { id } = request;
    this.#serve(request).then(
      (value) => this.#reply({ id, value }),
      (error) => this.#reply({ id, error: faultOf(error) }),
    );
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#subscriptions.values()) end?.();
    this.#subscriptions.clear();
  }

  // Async, so that what throws at once is a rejection as well.
  async #serve(
    request: Exclude<StoreRequest, { unsubscribe: number }>,
  ): Promise<unknown> {
    if ("subscribe" in request) return await this.#subscribe(request);
    const { port, method, args } = request;
    if (!STORE_METHODS[port]?.includes(method)) {
      throw new TypeError(`Tasks cannot call ${port}.${method}`);
    }
    const target = this.#store[port] as unknown as Record<string, Method>;
    return await target[method]?.(...args);
  }

  async #subscribe(
    request: Extract<StoreRequest, { subscribe: string }>,
  ): Promise<void> {
    const { id } = request;
    const listener = (event: unknown) => {
      this.#reply({ subscription: id, event });
    };
    this.#subscriptions.set(id, null);
    const { results, bus } = this.#store;
    const end = request.subscribe === "results"
      ? await results.subscribe(listener)
      : await bus.subscribe(request.topic, listener);
    // It may have been ended while it was being made.
    if (this.#subscriptions.has(id)) this.#subscriptions.set(id, end);
    else end();
  }

  #unsubscribe(id: number): void {
    this.#subscriptions.get(id)?.();
    this.#subscriptions.delete(id);
  }

  #reply(reply: StoreReply): void {
    if (!this.#closed) this.#send(JSON.stringify(reply));
  }
}

function faultOf(error: unknown): StoreFault {
  const { name, message } = error instanceof Error
    ? error
    : new Error(String(error));
  if (!(error instanceof StoreError)) return { name, message };
  const { transient, inDoubt } = error;
  return { name, message, transient, inDoubt };
}
