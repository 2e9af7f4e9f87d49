/**
 * What a worker is made of, put together. Its pieces need each other in
 * circles, but only once they run.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Store } from "../contracts/store.ts";
import { EventSink } from "../control/event_sink.ts";
import type { Internals } from "../internals.ts";
import { uuid7 } from "../message/ids.ts";
import type { OpenStores } from "../producer/stores.ts";
import type { Service } from "../service/service.ts";
import { VERSION } from "../version.ts";
import { Autoscaler } from "./autoscaler.ts";
import { Consumer } from "./consumer.ts";
import { Demand } from "./demand.ts";
import { Endings } from "./endings.ts";
import { Executor } from "./executor.ts";
import { Gate } from "./gate.ts";
import { GateSettlements } from "./gate_settlements.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HistoryCounter } from "./history_counter.ts";
import { Holder } from "./holder.ts";
import type { MemorySources } from "./memory_samples.ts";
import { Monitor } from "./monitor.ts";
import type { WorkerPlan } from "./plan.ts";
import type { Pool, PoolEvents } from "./pool/pool.ts";
import type { Quota } from "./quota.ts";
import { Recorder } from "./recorder.ts";
import { Relay } from "./relay.ts";
import { RunSettlements } from "./run_settlements.ts";
import { Settler } from "./settler.ts";
import { linksTo, type StoreLinks } from "./store_link.ts";
import { janitor, recoverer } from "./upkeep.ts";

const log = getLogger(["lovage", "worker"]);

/** Makes the pool of a worker. */
export type MakePool = (events: PoolEvents, stores: OpenStores) => Pool;

/** What a worker is made from. */
export interface WorkerParts {
  /** The app. */
  readonly app: Internals;
  /** What it is to do. */
  readonly plan: WorkerPlan;
  /** The opened stores. */
  readonly stores: OpenStores;
  /** The opened outbox, if there is one. */
  readonly outbox: Store | null;
  /** How much it is to do; without it, it goes on until it is stopped. */
  readonly quota?: Quota | undefined;
  /** Makes its pool. */
  readonly makePool: MakePool;
  /** The process it runs in, for those who look at it. */
  readonly pid: number;
  /** What it runs on, for people. */
  readonly platform: Readonly<Record<string, string>>;
  /** The memory that its process holds, in bytes. */
  readonly memory: MemorySources["own"];
  /** The load of its machine over 1, 5 and 15 minutes. */
  readonly loadAverage: () => readonly number[];
}

/** The pieces of one worker. */
export class Machinery {
  /** Unique to this start of the worker. */
  readonly id: string = uuid7();
  /** When it was made, epoch ms. */
  readonly startedAt: number;
  /** What it was made from. */
  readonly parts: WorkerParts;
  /** Whether its stores answer. */
  readonly links: StoreLinks;
  /** How many tasks it wants. */
  readonly demand: Demand;
  /** Tells those who watch. */
  readonly monitor: Monitor;
  /** Makes deliveries ready to run. */
  readonly holder: Holder;
  /** Commits what comes of tasks. */
  readonly settler: Settler;
  /** Leads deliveries from the gate to the settler. */
  readonly executor: Executor;
  /** Runs tasks. */
  readonly pool: Pool;
  /** Has the pool follow the work. */
  readonly autoscaler: Autoscaler;
  /** Reserves. */
  readonly consumer: Consumer;
  /** Keeps the leases. */
  readonly heartbeat: Heartbeat;
  /** What goes on besides the tasks, in the order in which it starts. */
  readonly upkeep: readonly Service[];

  /** Puts it together; nothing of it runs yet. */
  constructor(parts: WorkerParts) {
    const { app, plan, stores } = parts;
    const clock = app.clock();
    this.parts = parts;
    this.startedAt = clock.now();
    this.links = linksTo(stores, clock, plan.lease / 2);
    this.demand = new Demand(
      plan.concurrency,
      plan.prefetchMultiplier,
      stores.broker.capabilities.load,
      clock.now(),
    );
    this.monitor = this.#makeMonitor();
    const history = new HistoryCounter(stores.broker.history, clock);
    const recorder = new Recorder(app, plan.hostname);
    const endings = new Endings(app, recorder);
    this.holder = new Holder(plan.settings, () => this.monitor.admit());
    this.settler = new Settler(stores, this.links, this.id, clock);
    this.executor = new Executor({
      app,
      gate: new Gate(
        app,
        plan,
        this.holder,
        new GateSettlements(app, endings, recorder),
      ),
      settlements: new RunSettlements(app, endings, recorder),
      recorder,
      hostname: plan.hostname,
      settler: this.settler,
      demand: this.demand,
      monitor: this.monitor,
      history,
      holds: () => this.heartbeat.holds,
      onNeed: (held) => this.autoscaler.need(held),
    });
    this.pool = parts.makePool(this.executor, stores);
    this.executor.use(this.pool);
    this.autoscaler = this.#makeAutoscaler();
    this.consumer = this.#makeConsumer();
    this.heartbeat = this.#makeHeartbeat();
    this.upkeep = [
      this.heartbeat,
      recoverer(
        stores.broker,
        plan.lease,
        clock,
        this.heartbeat,
        this.links.broker,
      ),
      janitor(stores, clock, this.links.backend),
      history,
      ...this.#relays(),
      this.monitor,
    ];
  }

  #makeMonitor(): Monitor {
    const { app, plan, stores, pid, platform, loadAverage } = this.parts;
    const clock = app.clock();
    const teller = { hostname: plan.hostname, pid };
    const forced = plan.settings.workerSendTaskEvents;
    const sink = new EventSink(stores.broker.bus, clock, teller, forced);
    return new Monitor({
      sink,
      clock,
      load: () => ({
        active: this.pool.running.size,
        processed: Object.values(this.executor.totals.ended).reduce(
          (a, b) => a + b,
          0,
        ),
        loadavg: loadAverage(),
      }),
      system: platform["system"] ?? "",
      interval: plan.heartbeatInterval,
    });
  }

  #makeAutoscaler(): Autoscaler {
    const { plan: { autoscale }, app } = this.parts;
    const autoscaler = new Autoscaler({
      held: () => this.executor.held,
      resize: (slots) => {
        log.info("Autoscale: slots {slots}, tasks held {held}", {
          slots,
          held: this.executor.held,
        });
        this.pool.resize(slots);
      },
      clock: app.clock(),
    });
    if (autoscale !== null) autoscaler.set(autoscale, this.pool.slots);
    return autoscaler;
  }

  #makeConsumer(): Consumer {
    const { app, plan, stores, quota = null } = this.parts;
    return new Consumer({
      store: stores.broker,
      link: this.links.broker,
      id: this.id,
      queues: plan.queues,
      demand: this.demand,
      taker: this.executor,
      held: (deliveries) => this.heartbeat.held(deliveries),
      quota,
      settled: () => this.settler.idle(),
      clock: app.clock(),
    });
  }

  #makeHeartbeat(): Heartbeat {
    const { app, plan, stores, pid } = this.parts;
    return new Heartbeat({
      store: stores.broker,
      link: this.links.broker,
      clock: app.clock(),
      cancel: (cancellations) => this.executor.cancel(cancellations),
      revoked: (revocation) => this.executor.cancelOwn(revocation),
      // What has not started runs elsewhere.
      lost: () => {
        this.executor.recall();
        this.executor.recallLimited();
      },
      info: () => ({
        id: this.id,
        name: plan.hostname,
        lease: plan.lease,
        details: {
          app: app.name,
          version: VERSION,
          pid,
          pool: plan.pool,
          concurrency: this.demand.slots,
          ...(this.autoscaler.range === null
            ? {}
            : { autoscale: this.autoscaler.range }),
          queues: this.consumer.queues,
          startedAt: this.startedAt,
          ...this.executor.totals,
        },
      }),
    });
  }

  #relays(): readonly Service[] {
    const { app, plan, stores, outbox } = this.parts;
    if (outbox === null) return [];
    return [
      new Relay({
        outbox,
        stores,
        link: this.links.broker,
        hostname: plan.hostname,
        lease: plan.lease,
        clock: app.clock(),
      }),
    ];
  }
}
