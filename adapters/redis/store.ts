/**
 * The store: all ports over one set of connections.
 *
 * @module
 */

import type {
  Broker,
  Bus,
  Clock,
  DeadLetters,
  History,
  Inspector,
  ResultBackend,
  Scheduler,
  Store,
  StoreCapabilities,
} from "../../src/contracts/mod.ts";
import { RedisBroker } from "./broker.ts";
import { RedisBus } from "./bus.ts";
import { Client } from "./client.ts";
import { systemClock } from "./clock.ts";
import { ClusterBroker } from "./cluster/broker.ts";
import { ClusterScheduler } from "./cluster/scheduler.ts";
import { inSlot, makeShards } from "./cluster/shards.ts";
import {
  ClusterDeadLetters,
  ClusterInspector,
  ClusterResults,
} from "./cluster/views.ts";
import { RedisDeadLetters } from "./dead_letters.ts";
import { type DriverFactory, driversFor, driversLike } from "./driver.ts";
import { Failovers } from "./failovers.ts";
import { RedisHistory } from "./history.ts";
import { RedisInspector } from "./inspector.ts";
import { readTarget, type RedisStoreOptions } from "./options.ts";
import { examine } from "./examine.ts";
import { RedisResults } from "./results.ts";
import { RedisScheduler } from "./scheduler.ts";
import { Subscriber } from "./subscriber.ts";
import { Wake } from "./wake.ts";
import { clarify } from "./wrong_server.ts";

/**
 * Makes a store over Redis; nothing is connected before `open()`.
 *
 * @throws {StoreError} for options or a URL that cannot be right
 */
export function redisStore(options: RedisStoreOptions = {}): Store {
  return new RedisStore(options);
}

/** The ports of a store, and what ends the calls that wait. */
interface Ports {
  readonly broker: Broker & { close(): void };
  readonly results: ResultBackend;
  readonly scheduler: Scheduler;
  readonly inspector: Inspector;
  readonly deadLetters: DeadLetters;
  readonly history: History;
}

/** What the ports are made of. */
interface Parts {
  readonly client: Client;
  readonly subscriber: Subscriber;
  readonly clock: Clock;
  /** The clock that was given; without one, leases go by the server's. */
  readonly given: Clock | null;
  readonly patience: number;
}

class RedisStore implements Store {
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
  readonly migrations = null;
  readonly #client: Client;
  readonly #subscriber: Subscriber;
  readonly #drivers: DriverFactory;
  readonly #failovers: Failovers;
  readonly #endWaits: () => void;
  #warnings: readonly string[] = [];

  constructor(options: RedisStoreOptions) {
    const target = readTarget(options);
    const { clock = systemClock, commandTimeout = 5_000 } = options;
    const { patience = 15_000 } = options;
    const drivers = options.client === undefined
      ? driversFor(target)
      : driversLike(options.client);
    const client = new Client({
      drivers,
      prefix: `${drivers.keyPrefix}${target.prefix}:`,
      address: drivers.address,
      ...{ commandTimeout, patience },
    });
    const subscriber = new Subscriber(client, drivers);
    const given = options.clock ?? null;
    const parts = { client, subscriber, clock, given, patience };
    const ports = drivers.cluster ? clusterPorts(parts) : singlePorts(parts);
    this.scheme = drivers.cluster ? "redis+cluster" : "redis";
    this.address = drivers.address;
    this.capabilities = Object.freeze({
      durable: true,
      shared: true,
      // In a cluster a queue and a result may lie on different nodes.
      atomicSettlement: !drivers.cluster,
      transactions: false,
      limitsAcrossQueues: !drivers.cluster,
      lanes: 2,
      load: 250,
    });
    this.broker = ports.broker;
    this.results = ports.results;
    this.scheduler = ports.scheduler;
    this.bus = new RedisBus(client, subscriber);
    this.inspector = ports.inspector;
    this.deadLetters = ports.deadLetters;
    this.history = ports.history;
    this.#client = client;
    this.#subscriber = subscriber;
    this.#drivers = drivers;
    this.#failovers = new Failovers(drivers, (host, port) => {
      client.moved(host, port);
      subscriber.moved(host, port);
    });
    this.#endWaits = () => ports.broker.close();
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  async open(): Promise<void> {
    try {
      await this.#client.open();
      this.#failovers.start();
      this.#warnings = await examine(this.#client, this.#drivers);
    } catch (error) {
      throw await clarify(error, this.#drivers);
    }
  }

  async close(): Promise<void> {
    this.#endWaits();
    await Promise.all([
      this.#failovers.close(),
      this.#subscriber.close(),
      this.#client.close(),
    ]);
  }
}

function singlePorts(
  { client, subscriber, clock, given, patience }: Parts,
): Ports {
  const wake = new Wake(client, subscriber);
  return {
    broker: new RedisBroker(client, clock, given, wake, patience),
    results: new RedisResults(client, clock, subscriber),
    scheduler: new RedisScheduler(client, clock, given),
    inspector: new RedisInspector(client, clock, given),
    deadLetters: new RedisDeadLetters(client, clock),
    history: new RedisHistory(client),
  };
}

function clusterPorts(
  { client, subscriber, clock, given, patience }: Parts,
): Ports {
  const shards = makeShards(client, subscriber, clock, given, patience);
  const results = new ClusterResults(shards);
  const inspector = new ClusterInspector(shards);
  const broker = new ClusterBroker(shards, clock, results, inspector);
  const beat = inSlot(client, "beat");
  return {
    broker,
    results,
    scheduler: new ClusterScheduler(beat, clock, given, broker),
    inspector,
    deadLetters: new ClusterDeadLetters(shards),
    history: new RedisHistory(inSlot(client, "history")),
  };
}
