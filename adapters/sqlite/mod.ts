/**
 * The SQLite store: one file, shared by the processes of one machine, and
 * safe against the crash of any of them.
 *
 * It needs nothing to be installed or started. Batches are committed with one
 * write to the disk; an idle worker waits for a signal and does not poll.
 *
 * @example The same as `brokerUrl: "sqlite://./shop.db"`
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { sqliteStore } from "@lovage/lovage/sqlite";
 *
 * export const app = new Lovage("shop", {
 *   store: sqliteStore({ path: "./shop.db" }),
 * });
 * ```
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
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
import { StoreError } from "../../src/errors.ts";
import { SqliteBroker } from "./broker.ts";
import { SqliteBus } from "./bus.ts";
import { Client } from "./client.ts";
import { systemClock } from "./clock.ts";
import { SqliteDeadLetters } from "./dead_letters.ts";
import { EndedFeed } from "./ended_feed.ts";
import { SqliteHistory } from "./history.ts";
import { SqliteInspector } from "./inspector.ts";
import { SqliteResults } from "./results.ts";
import { SqliteScheduler } from "./scheduler.ts";
import { Signals } from "./signals.ts";
import { Wake } from "./wake.ts";

/** What {@linkcode sqliteStore} takes. */
export interface SqliteStoreOptions extends StoreOptions {
  /**
   * The path of the database file. It is made if it does not exist; its
   * directory must. Beside it SQLite keeps `-wal` and `-shm`, and Lovage
   * `-wake`.
   */
  readonly path: string;
  /**
   * `"FULL"`: what was accepted survives a loss of power. `"NORMAL"`: a loss
   * of power can take the last moments, a crash of the process nothing.
   * In a URL: `sqlite://./lovage.db?synchronous=NORMAL`.
   *
   * @default {"FULL"}
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined;
  /**
   * How long a call waits for a lock that another process holds, in
   * milliseconds, before it fails. In a URL it is a duration:
   * `sqlite://./lovage.db?lockTimeout=5s`.
   *
   * @default {10_000}
   */
  readonly lockTimeout?: number | undefined;
}

/**
 * Makes a store over a SQLite file; nothing is opened before `open()`.
 *
 * @throws {StoreError} when the path is missing or names no file
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options);
}

class SqliteStore implements Store {
  readonly scheme = "sqlite";
  readonly address: string;
  readonly capabilities: StoreCapabilities = Object.freeze({
    durable: true,
    shared: true,
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
  // Whoever opens the file brings its tables up to date.
  readonly migrations = null;
  readonly #client: Client;
  readonly #endWaits: () => void;

  constructor(options: SqliteStoreOptions) {
    const { path, clock = systemClock } = options;
    checkPath(path);
    const client = new Client({
      path,
      synchronous: options.synchronous ?? "FULL",
      lockTimeout: options.lockTimeout ?? 10_000,
    });
    const wake = new Wake(client);
    const feed = new EndedFeed(client, wake);
    const signals = new Signals(wake, feed);
    const broker = new SqliteBroker(client, clock, signals);
    const bus = new SqliteBus(client, clock, wake);
    this.address = `sqlite://${path}`;
    this.broker = broker;
    this.results = new SqliteResults(client, clock, signals, feed);
    this.scheduler = new SqliteScheduler(client, clock, signals);
    this.bus = bus;
    this.inspector = new SqliteInspector(client, clock);
    this.history = new SqliteHistory(client);
    this.deadLetters = new SqliteDeadLetters(
      client,
      clock,
      () => signals.anyWork(),
    );
    this.#client = client;
    this.#endWaits = () => {
      broker.close();
      feed.close();
      bus.close();
      wake.close();
    };
  }

  open(): Promise<void> {
    return this.#client.open();
  }

  async close(): Promise<void> {
    this.#endWaits();
    this.#client.close();
    // The watcher lets go of its file a turn later.
    await setImmediate();
  }
}

function checkPath(path: unknown): void {
  if (typeof path !== "string" || path === "") {
    throw new StoreError(
      `The path of a SQLite store is a non-empty string, not ${
        JSON.stringify(path) ?? typeof path
      }: give one such as "./lovage.db"`,
      { transient: false },
    );
  }
  if (path === ":memory:" || path.startsWith("file:")) {
    throw new StoreError(
      `The path of a SQLite store names a file, not ${JSON.stringify(path)}: ` +
        "give a path, or use memoryStore() to keep nothing",
      { transient: false },
    );
  }
}
