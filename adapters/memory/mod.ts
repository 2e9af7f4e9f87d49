/**
 * The memory store: everything in this process, gone when it ends. For tests,
 * examples and programs that run their worker in the process of their
 * producer. It is also the reference for what the ports mean.
 *
 * @example An app of its own, which leaves nothing behind
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { memoryStore } from "@lovage/lovage/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using app = new Lovage("shop", { store: memoryStore() });
 * const add = app.task("add", (a: number, b: number) => a + b);
 * const result = await add.delay(1, 2);
 * await app.drain();
 * assertEquals(await result.get(), 3);
 * ```
 *
 * @module
 */

import type {
  Broker,
  Bus,
  DeadLetters,
  History,
  Inspector,
  ResultBackend,
  Scheduler,
  Store,
  StoreCapabilities,
  StoreOptions,
} from "../../src/contracts/mod.ts";
import { MemoryBroker } from "./broker.ts";
import { MemoryBus } from "./bus.ts";
import { systemClock } from "./clock.ts";
import { MemoryDeadLetters } from "./dead_letters.ts";
import { MemoryHistory } from "./history.ts";
import { MemoryInspector } from "./inspector.ts";
import { MemoryResults } from "./results.ts";
import { MemoryScheduler } from "./scheduler.ts";
import {
  type MemoryState,
  releaseState,
  retainState,
  stateOf,
} from "./state.ts";

/** What {@linkcode memoryStore} takes. */
export interface MemoryStoreOptions extends StoreOptions {
  /**
   * Stores of one name share their data within this process, as long as one
   * of them is open. Without a name a store keeps to itself.
   */
  readonly name?: string | undefined;
}

/** Makes a store in memory; nothing is kept before it is opened. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

class MemoryStore implements Store {
  readonly scheme = "memory";
  readonly address: string;
  readonly capabilities: StoreCapabilities = Object.freeze({
    durable: false,
    shared: false,
    atomicSettlement: true,
    transactions: false,
    limitsAcrossQueues: true,
    lanes: 1,
    load: 250,
  });
  readonly broker: Broker;
  readonly results: ResultBackend;
  readonly scheduler: Scheduler;
  readonly bus: Bus;
  readonly inspector: Inspector;
  readonly deadLetters: DeadLetters;
  readonly history: History;
  readonly warnings: readonly string[] = [];
  readonly migrations = null;
  readonly #name: string | undefined;
  readonly #state: MemoryState;
  readonly #endWaits: () => void;
  #open = false;

  constructor({ name, clock = systemClock }: MemoryStoreOptions) {
    const state = stateOf(name);
    const broker = new MemoryBroker(state, clock);
    const results = new MemoryResults(state, clock);
    const bus = new MemoryBus(state);
    this.address = `memory://${name ?? ""}`;
    this.broker = broker;
    this.results = results;
    this.scheduler = new MemoryScheduler(state, clock);
    this.bus = bus;
    this.inspector = new MemoryInspector(state, clock);
    this.history = new MemoryHistory(state);
    this.deadLetters = new MemoryDeadLetters(state, clock);
    this.#name = name;
    this.#state = state;
    this.#endWaits = () => {
      broker.close();
      results.close();
      bus.close();
    };
  }

  open(): Promise<void> {
    if (!this.#open) retainState(this.#name, this.#state);
    this.#open = true;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#endWaits();
    if (this.#open) releaseState(this.#name, this.#state);
    this.#open = false;
    return Promise.resolve();
  }
}
