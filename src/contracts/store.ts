/**
 * What an adapter opens: all ports over one connection.
 *
 * @module
 */

import type { Broker } from "./broker.ts";
import type { Bus } from "./bus.ts";
import type { Clock } from "./clock.ts";
import type { DeadLetters } from "./dead_letters.ts";
import type { History } from "./history.ts";
import type { Inspector } from "./inspector.ts";
import type { Migrations } from "./migrations.ts";
import type { ResultBackend } from "./result_backend.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a store can and cannot do. */
export interface StoreCapabilities {
  /** What was accepted survives a crash of every process. */
  readonly durable: boolean;
  /** Several processes can share it. */
  readonly shared: boolean;
  /** `settle` and `cancel` store results in the same atomic step. */
  readonly atomicSettlement: boolean;
  /** `publish` can be part of a transaction of the caller's own. */
  readonly transactions: boolean;
  /**
   * Limits and unique keys are counted over all queues; otherwise for each
   * queue by itself.
   */
  readonly limitsAcrossQueues: boolean;
  /**
   * How many publishes under way at once carry the most: 1 where they are
   * carried out in the caller's own thread, more where a server works on one
   * while the caller prepares the next.
   */
  readonly lanes: number;
  /**
   * How many messages are worth one call, so that more make none of them any
   * cheaper: a worker with quick tasks asks for so many while it works on as
   * many.
   */
  readonly load: number;
}

/**
 * All ports of one store. Adapters are naive: the core opens a store once,
 * before any other call, closes it once, and never calls it after that.
 */
export interface Store {
  /** The kind of store, which is also the scheme of its URL. */
  readonly scheme: string;
  /** Its address for people; secrets are masked. */
  readonly address: string;
  /** What it can do. */
  readonly capabilities: StoreCapabilities;
  /** Messages and leases. */
  readonly broker: Broker;
  /** Results. */
  readonly results: ResultBackend;
  /** What is sent again and again. */
  readonly scheduler: Scheduler;
  /** Messages between processes. */
  readonly bus: Bus;
  /** Views of live tasks. */
  readonly inspector: Inspector;
  /** Messages that can never run. */
  readonly deadLetters: DeadLetters;
  /** What was counted, over time. */
  readonly history: History;
  /**
   * What about the server is a danger to tasks, in sentences for people. Known
   * once the store is open.
   */
  readonly warnings: readonly string[];
  /** What brings its schema up to date; `null` where there is nothing to do. */
  readonly migrations: Migrations | null;
  /** Connects and prepares the store. */
  open(): Promise<void>;
  /** Flushes and disconnects. Waiting calls return empty-handed. */
  close(): Promise<void>;
}

/** What every adapter's factory takes beside its own options. */
export interface StoreOptions {
  /** Where time comes from. Defaults to the system's clock. */
  readonly clock?: Clock | undefined;
}
