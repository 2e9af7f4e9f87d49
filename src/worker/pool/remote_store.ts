/**
 * The store as tasks in an isolate see it: every call goes to the worker by
 * message, so that an isolate needs no connection of its own.
 *
 * @module
 */

import type { Broker } from "../../contracts/broker.ts";
import type { Bus } from "../../contracts/bus.ts";
import type { DeadLetters } from "../../contracts/dead_letters.ts";
import type { History } from "../../contracts/history.ts";
import type { Inspector } from "../../contracts/inspector.ts";
import type { ResultBackend } from "../../contracts/result_backend.ts";
import type { Scheduler } from "../../contracts/scheduler.ts";
import type { Store, StoreCapabilities } from "../../contracts/store.ts";
import { ERROR_CLASSES, RemoteError, StoreError } from "../../errors.ts";
import type { StoreFacts } from "./protocol.ts";
import {
  STORE_METHODS,
  type StoreFault,
  type StorePort,
  type StoreReply,
  type StoreRequest,
} from "./store_calls.ts";

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A store whose calls are answered by the worker. */
export class RemoteStore implements Store {
  readonly scheme: string;
  readonly address: string;
  readonly capabilities: StoreCapabilities;
  readonly broker: Broker;
  readonly results: ResultBackend;
  readonly scheduler: Scheduler;
  readonly bus: Bus;
  readonly inspector: Inspector;
  readonly deadLetters: DeadLetters;
  readonly history: History;
  // Both are the business of the worker.
  readonly warnings: readonly string[] = [];
  readonly migrations = null;
  readonly #send: (text: string) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<number, (event: never) => void>();
  #lastId = 0;

  /** Makes a store that sends requests by this function. */
  constructor(facts: StoreFacts, send: (text: string) => void) {
    this.scheme = facts.scheme;
    this.address = facts.address;
    this.capabilities = facts.capabilities;
    this.#send = send;
    this.broker = {
      ...(this.#port("broker") as unknown as Broker),
      reserve: () => refuse("reserve"),
      settle: () => refuse("settle"),
      heartbeat: () => refuse("heartbeat"),
      leave: () => refuse("leave"),
    };
    const results = this.#port("results") as unknown as ResultBackend;
    this.results = {
      ...results,
      fetch: async (ids) => withGaps(await results.fetch(ids)),
      subscribe: (listener) =>
        this.#subscribe({ subscribe: "results" }, listener),
    };
    this.scheduler = this.#port("scheduler") as unknown as Scheduler;
    this.bus = {
      ...(this.#port("bus") as unknown as Bus),
      subscribe: (topic, listener) =>
        this.#subscribe({ subscribe: "bus", topic }, listener),
    };
    const inspector = this.#port("inspector") as unknown as Inspector;
    this.inspector = {
      ...inspector,
      find: async (ids) => withGaps(await inspector.find(ids)),
    };
    this.deadLetters = this.#port("deadLetters") as unknown as DeadLetters;
    this.history = this.#port("history") as unknown as History;
  }

  /** The worker has opened the store. */
  open(): Promise<void> {
    return Promise.resolve();
  }

  /** The worker closes the store. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes a reply of the worker. */
  receive(text: string): void {
    const reply = JSON.parse(text) as StoreReply;
    if ("subscription" in reply) {
      this.#listeners.get(reply.subscription)?.(reply.event as never);
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("error" in reply) pending?.reject(errorOf(reply.error));
    else pending?.resolve(reply.value);
  }

  #port(port: StorePort): Record<string, unknown> {
    const methods: Record<string, unknown> = {};
    for (const method of STORE_METHODS[port]) {
      methods[method] = (...args: readonly unknown[]) =>
        this.#request({ id: ++this.#lastId, port, method, args });
    }
    return methods;
  }

  #request(request: StoreRequest & { id: number }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#send(JSON.stringify(request));
    });
  }

  async #subscribe(
    what: { subscribe: "results" } | { subscribe: "bus"; topic: string },
    listener: (event: never) => void,
  ): Promise<() => void> {
    const id = ++this.#lastId;
    this.#listeners.set(id, listener);
    try {
      await this.#request({ id, ...what });
    } catch (error) {
      this.#listeners.delete(id);
      throw error;
    }
    return () => {
      if (!this.#listeners.delete(id)) return;
      this.#send(JSON.stringify({ unsubscribe: id } satisfies StoreRequest));
    };
  }
}

/** JSON makes `null` of what is missing in a list. */
function withGaps<T>(
  items: readonly (T | undefined | null)[],
): (T | undefined)[] {
  return items.map((item) => item ?? undefined);
}

function refuse(method: string): Promise<never> {
  return Promise.reject(
    new TypeError(
      `Cannot call broker.${method} inside a task: leases are held by the worker`,
    ),
  );
}

function errorOf({ name, message, transient, inDoubt }: StoreFault): Error {
  if (name === "StoreError") {
    return new StoreError(message, { transient, inDoubt });
  }
  const known = ERROR_CLASSES[name];
  return known === undefined
    ? new RemoteError(message, undefined, name)
    : new known(message);
}
