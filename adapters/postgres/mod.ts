/**
 * The PostgreSQL store: every port over one database that the program may
 * well have already, with tasks that are sent in its own transactions.
 *
 * What is live is in one small table, what is done is deleted from it; a
 * batch is one statement and one commit; an idle worker waits for a
 * notification and does not poll.
 *
 * @example In a schema of its own
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { postgresStore } from "@lovage/lovage/postgres";
 *
 * export const app = new Lovage("shop", {
 *   store: postgresStore({ url: "postgres://app@db/shop", schema: "jobs" }),
 * });
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
  MigrationReport,
  Migrations,
  ResultBackend,
  Scheduler,
  Store,
  StoreCapabilities,
} from "../../src/contracts/mod.ts";
import { Agenda } from "./agenda.ts";
import { PostgresBroker } from "./broker.ts";
import { PostgresBus } from "./bus.ts";
import { Channels } from "./channels.ts";
import { Client } from "./client.ts";
import { systemClock } from "./clock.ts";
import { PostgresDeadLetters } from "./dead_letters.ts";
import { EndedFeed } from "./ended_feed.ts";
import { examine } from "./examine.ts";
import { Floors } from "./floors.ts";
import { PostgresHistory } from "./history.ts";
import { PostgresInspector } from "./inspector.ts";
import { Listener } from "./listen.ts";
import { migrateSchema, prepareSchema, schemaStatus } from "./migrate.ts";
import {
  clientOptions,
  type PostgresConnection,
  type PostgresStoreOptions,
  readOptions,
} from "./options.ts";
import { Recorded } from "./recorded.ts";
import { PostgresResults } from "./results.ts";
import { PostgresScheduler } from "./scheduler.ts";
import { Signals } from "./signals.ts";
import { quoteName } from "./text.ts";

export type { PostgresQuery, PostgresSql } from "./driver.ts";
export type { PostgresConnection, PostgresStoreOptions } from "./options.ts";

/**
 * Makes a store over a schema of a PostgreSQL database; nothing is connected
 * before `open()`.
 *
 * @example A store for a program that has its own client
 * ```ts ignore
 * import postgres from "postgres";
 * import { Lovage } from "@lovage/lovage";
 * import { postgresStore } from "@lovage/lovage/postgres";
 *
 * const sql = postgres("postgres://localhost/shop", { max_pipeline: 1 });
 * const app = new Lovage("shop", { store: postgresStore({ sql }) });
 * ```
 *
 * @throws {StoreError} when an option cannot be meant
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  return new PostgresStore(options);
}

/**
 * Brings the schema of a store up to date, as `open()` does by default.
 * Several processes may do so at once.
 *
 * @throws {StoreError} that says what is in the way
 */
export async function migrate(
  connection: PostgresConnection,
): Promise<MigrationReport> {
  const options = readOptions({ ...connection, max: 1 });
  const client = new Client(clientOptions(options));
  try {
    return await migrateSchema(client);
  } finally {
    await client.close();
  }
}

class PostgresStore implements Store {
  readonly scheme = "postgres";
  readonly address: string;
  readonly capabilities: StoreCapabilities = Object.freeze({
    durable: true,
    shared: true,
    atomicSettlement: true,
    transactions: true,
    limitsAcrossQueues: true,
    lanes: 4,
    // A statement, and the commit of a settlement, cost as much as many rows.
    load: 750,
  });
  readonly broker: Broker;
  readonly results: ResultBackend;
  readonly scheduler: Scheduler;
  readonly bus: Bus;
  readonly inspector: Inspector;
  readonly deadLetters: DeadLetters;
  readonly history: History;
  readonly migrations: Migrations;
  readonly #open: () => Promise<readonly string[]>;
  #warnings: readonly string[] = [];
  readonly #close: () => Promise<void>;

  constructor(unread: PostgresStoreOptions) {
    const options = readOptions(unread);
    const { clock = systemClock, listen = true, migrate = true } = options;
    const client = new Client(clientOptions(options));
    const channels = new Channels(client.schema);
    const listener = listen ? new Listener(client) : undefined;
    const floors = new Floors();
    const agenda = new Agenda();
    const signals = new Signals(client, channels, listener, floors, agenda);
    const feed = new EndedFeed(
      client,
      channels,
      listener,
      signals.sender,
      quoteName(client.schema),
    );
    const recorded = new Recorded();
    const bus = new PostgresBus(client, clock, channels, listener);
    this.address = client.address;
    const given = options.clock ?? null;
    this.broker = new PostgresBroker({
      ...{ client, clock, given },
      ...{ signals, feed, recorded, floors, agenda },
    });
    this.results = new PostgresResults(client, clock, feed, recorded);
    this.scheduler = new PostgresScheduler(
      client,
      clock,
      signals,
      given,
    );
    this.bus = bus;
    this.inspector = new PostgresInspector(client, clock, given);
    this.history = new PostgresHistory(client);
    this.deadLetters = new PostgresDeadLetters(client, clock, signals);
    this.migrations = {
      status: () => schemaStatus(client),
      migrate: () => migrateSchema(client),
    };
    this.#open = async () => {
      await prepareSchema(client, migrate);
      return await examine(client);
    };
    this.#close = async () => {
      feed.close();
      await Promise.all([bus.close(), signals.close()]);
      await client.close();
      await listener?.close();
    };
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  async open(): Promise<void> {
    this.#warnings = await this.#open();
  }

  close(): Promise<void> {
    return this.#close();
  }
}
