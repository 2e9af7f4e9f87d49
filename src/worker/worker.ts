/**
 * A worker: composes what reserves, runs, settles and keeps alive, and stops
 * it in order.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Store } from "../contracts/store.ts";
import { EventSink } from "../control/event_sink.ts";
import type { TaskFigures, WorkerStats } from "../control/facts.ts";
import type { WorkerEvent } from "../events.ts";
import type { Internals } from "../internals.ts";
import type { AnyTask } from "../task.ts";
import { uuid7 } from "../message/ids.ts";
import { VERSION } from "../version.ts";
import type { OpenStores } from "../producer/stores.ts";
import { pause } from "../service/clock.ts";
import { type Service, startAll, stopAll } from "../service/service.ts";
import type { AutoscaleRange } from "../control/autoscale.ts";
import { Autoscaler } from "./autoscaler.ts";
import { Consumer } from "./consumer.ts";
import { Demand } from "./demand.ts";
import { Endings } from "./endings.ts";
import { Executor, type Holding, type Totals } from "./executor.ts";
import { Gate, type TaskOverrides } from "./gate.ts";
import { GateSettlements } from "./gate_settlements.ts";
import { healthOf, type WorkerHealth } from "./health.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HistoryCounter } from "./history_counter.ts";
import { MemorySamples, type MemorySources } from "./memory_samples.ts";
import { Monitor } from "./monitor.ts";
import type { WorkerPlan } from "./plan.ts";
import type { Pool, PoolEvents, StopMode } from "./pool/pool.ts";
import { RateLimiter } from "./rate_limiter.ts";
import { Recorder } from "./recorder.ts";
import { inspecting } from "./remote/inspecting.ts";
import { Receiver } from "./remote/receiver.ts";
import type { Steered } from "./remote/steered.ts";
import { steering } from "./remote/steering.ts";
import { Relay } from "./relay.ts";
import type { Quota } from "./quota.ts";
import { RunSettlements } from "./run_settlements.ts";
import { Settler } from "./settler.ts";
import { linksTo, type StoreLinks } from "./store_link.ts";
import { janitor, recoverer } from "./upkeep.ts";

const log = getLogger(["lovage", "worker"]);

// A running worker keeps its process alive; nothing else of it does.
const KEEP_ALIVE = 60_000;

// A cold stop tries so long (ms) to store what is left to be stored.
const LAST_TRY = 3000;

// With nothing left to be stored, it tries so long (ms) to take its leave.
const FAREWELL = 5000;

// So long (ms) may those take who listen for its end.
const LAST_WORDS = 2000;

/** Makes the pool of a worker. */
export type MakePool = (events: PoolEvents, stores: OpenStores) => Pool;

/** What a worker is made of. */
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

/** A running worker. */
export class Worker implements AsyncDisposable {
  /** What it does: its options over the app's settings. */
  readonly plan: WorkerPlan;
  /** Unique to this start of the worker. */
  readonly id: string = uuid7();
  readonly #parts: WorkerParts;
  readonly #links: StoreLinks;
  readonly #settler: Settler;
  readonly #executor: Executor;
  readonly #pool: Pool;
  readonly #autoscaler: Autoscaler;
  readonly #consumer: Consumer;
  readonly #gate: Gate;
  readonly #demand: Demand;
  readonly #monitor: Monitor;
  readonly #upkeep: readonly Service[];
  readonly #startedAt: number;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #stopping: Promise<void> | null = null;
  readonly #stopped = Promise.withResolvers<void>();
  #goCold: () => void = () => {};
  readonly #heartbeat: Heartbeat;

  /** Use `app.worker()`. */
  constructor(parts: WorkerParts) {
    const { app, plan, stores } = parts;
    const clock = app.clock();
    this.#links = linksTo(stores, clock, plan.lease / 2);
    this.#parts = parts;
    this.plan = plan;
    this.#startedAt = clock.now();
    const { concurrency, prefetchMultiplier } = plan;
    const demand = this.#demand = new Demand(
      concurrency,
      prefetchMultiplier,
      stores.broker.capabilities.load,
      clock.now(),
    );
    const recorder = new Recorder(app, plan.hostname);
    const endings = new Endings(app, recorder);
    const monitor = this.#monitor = this.#makeMonitor();
    const gate = this.#gate = new Gate(
      app,
      plan,
      new GateSettlements(app, endings, recorder),
      new RateLimiter(),
      () => monitor.admit(),
    );
    this.#settler = new Settler(stores, this.#links, this.id, clock);
    const history = new HistoryCounter(stores.broker.history, clock);
    this.#executor = new Executor({
      app,
      gate,
      settlements: new RunSettlements(app, endings, recorder),
      recorder,
      hostname: plan.hostname,
      settler: this.#settler,
      demand,
      monitor,
      history,
      holds: () => this.#heartbeat.holds,
      onNeed: (held) => this.#autoscaler.need(held),
    });
    this.#pool = parts.makePool(this.#executor, stores);
    this.#executor.use(this.#pool);
    this.#autoscaler = this.#makeAutoscaler();
    this.#consumer = new Consumer({
      store: stores.broker,
      link: this.#links.broker,
      id: this.id,
      queues: plan.queues,
      demand,
      taker: this.#executor,
      held: (deliveries) => this.#heartbeat.held(deliveries),
      quota: parts.quota ?? null,
      settled: () => this.#settler.idle(),
      clock,
    });
    const heartbeat = this.#heartbeat = this.#makeHeartbeat();
    this.#upkeep = [
      heartbeat,
      recoverer(
        stores.broker,
        plan.lease,
        clock,
        heartbeat,
        this.#links.broker,
      ),
      janitor(stores, clock, this.#links.backend),
      history,
      ...this.#relays(),
      this.#monitor,
      this.#receiver(),
    ];
  }

  /** The node name. */
  get hostname(): string {
    return this.plan.hostname;
  }

  /** What its pool cannot enforce. */
  get warnings(): readonly string[] {
    return this.#pool.warnings;
  }

  /** What it has done so far. */
  get totals(): Totals {
    return this.#executor.totals;
  }

  /** How it is doing, as it knows without asking its stores. */
  get health(): WorkerHealth {
    return healthOf({
      heartbeat: this.#heartbeat,
      links: this.#links,
      lease: this.plan.lease,
      queues: () => this.#consumer.queues,
      isStopping: () => this.#stopping !== null,
    });
  }

  /** Resolves when it has stopped, for whatever reason. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /**
   * Starts it. Called by `app.worker()`.
   *
   * @param reached makes a call to the store, again if need be
   * @throws what kept it from starting
   */
  async start(
    reached: (call: () => Promise<unknown>) => Promise<unknown>,
  ): Promise<void> {
    const { app, plan, stores } = this.#parts;
    const event = { hostname: plan.hostname };
    app.hooks.emit("workerInit", event);
    const { broker } = stores.broker;
    if (plan.purge) await reached(() => broker.purge(plan.queues));
    await this.#pool.start();
    try {
      await startAll(this.#upkeep, async (service) => {
        await reached(() => service.start());
      });
    } catch (error) {
      await this.#pool.stop("cold");
      throw error;
    }
    this.#keepAlive = setInterval(() => {}, KEEP_ALIVE);
    app.hooks.emit("workerReady", event);
    await this.#consumer.start();
  }

  /**
   * Stops it. `warm` takes no more tasks, gives back what has not started and
   * waits for what runs, as long as `shutdownTimeout` allows; `cold` gives
   * back what runs, too. A warm stop under way can be made cold by a second
   * call.
   */
  stop(mode: StopMode = "warm"): Promise<void> {
    if (this.#stopping === null) {
      const cold = new Promise<void>((resolve) => this.#goCold = resolve);
      this.#stopping = this.#stop(mode, cold).finally(this.#stopped.resolve);
    }
    if (mode === "cold") this.#goCold();
    return this.#stopping;
  }

  /** Stops it warmly at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  // First nothing new comes in, then what runs comes to its end, then what
  // came of it is stored; the heartbeat keeps the leases until all of it is.
  async #stop(mode: StopMode, cold: Promise<void>): Promise<void> {
    const { app, plan, stores } = this.#parts;
    const event = { hostname: plan.hostname };
    app.hooks.emit("workerShuttingDown", { ...event, how: mode });
    await this.#consumer.stop();
    this.#executor.recallLimited();
    this.#autoscaler.stop();
    const ended = await this.#endRuns(cold);
    await this.#store(ended === "warm" ? cold : Promise.resolve());
    await this.#takeLeave(stores);
    clearInterval(this.#keepAlive);
    await this.#tellEnd(event);
  }

  // Each of these has the patience for a store that is away, but who stops a
  // worker has not: Kubernetes kills it after half a minute.
  async #takeLeave(stores: OpenStores): Promise<void> {
    const over = new AbortController();
    const left = stopAll(this.#upkeep).then(() =>
      this.#leave(stores, over.signal)
    );
    const late = pause(this.#parts.app.clock(), FAREWELL, over.signal)
      .then(() => "late");
    try {
      if (await Promise.race([left, late]) !== "late") return;
    } finally {
      over.abort();
    }
    left.catch(() => {});
    log.warn(
      "The worker could not take its leave within {seconds} s; its leases lapse by themselves",
      { seconds: FAREWELL / 1000 },
    );
  }

  async #tellEnd(event: WorkerEvent): Promise<void> {
    const { hooks, clock, telemetry } = this.#parts.app;
    telemetry.current?.flush();
    const over = new AbortController();
    await Promise.race([
      hooks.tell("workerShutdown", event),
      pause(clock(), LAST_WORDS, over.signal),
    ]);
    over.abort();
  }

  async #endRuns(cold: Promise<void>): Promise<StopMode> {
    const { app, plan: { shutdownTimeout } } = this.#parts;
    const warm = this.#pool.stop("warm").then(() => "done");
    const over = new AbortController();
    const late = shutdownTimeout === null
      ? new Promise<never>(() => {})
      : pause(app.clock(), shutdownTimeout, over.signal);
    const first = await Promise.race([warm, cold, late]);
    over.abort();
    if (first === "done") return "warm";
    log.warn(
      "Still running: {count}. What runs goes back to its queue, unless it runs at most once (acksLate: false)",
      { count: this.#executor.held },
    );
    await this.#pool.stop("cold");
    return "cold";
  }

  /** @param over aborted when it is too late, which has been said by then */
  async #leave({ broker }: OpenStores, over: AbortSignal): Promise<void> {
    try {
      await broker.broker.leave(this.id);
    } catch (error) {
      if (over.aborted) return;
      log.warn(
        "The worker could not take its leave; its leases lapse by themselves: {error}",
        { error: String(error) },
      );
    }
  }

  /** Stores what came of tasks: as long as it takes, or briefly when cold. */
  async #store(cold: Promise<void>): Promise<void> {
    const over = new AbortController();
    const clock = this.#parts.app.clock();
    await Promise.race([
      this.#settler.idle(),
      cold.then(() => pause(clock, LAST_TRY, over.signal)),
    ]);
    over.abort();
    // What a store that is away has not taken by now, it does not get.
    this.#settler.abandon();
  }

  #relays(): readonly Service[] {
    const { app, plan, stores, outbox } = this.#parts;
    if (outbox === null) return [];
    return [
      new Relay({
        outbox,
        stores,
        link: this.#links.broker,
        hostname: plan.hostname,
        lease: plan.lease,
        clock: app.clock(),
      }),
    ];
  }

  // What others see of it, and may change.
  #receiver(): Receiver {
    const { app, plan, stores, platform, memory } = this.#parts;
    const stats = () => this.#stats();
    const figures = () => this.#executor.figures;
    const now = () => app.clock().now();
    const holdings = () => this.#executor.holdings;
    const queues = () => this.#consumer.queues;
    const concurrency = () => this.#demand.slots;
    const range = () => this.#autoscaler.range;
    const steered: Steered = {
      hostname: plan.hostname,
      settings: plan.settings,
      platform,
      memory: new MemorySamples({
        now,
        own: memory,
        hosts: () => this.#pool.measure(),
      }),
      get now(): number {
        return now();
      },
      get stats(): WorkerStats {
        return stats();
      },
      get figures(): Readonly<Record<string, TaskFigures>> {
        return figures();
      },
      get holdings(): readonly Holding[] {
        return holdings();
      },
      get queues(): readonly string[] {
        return queues();
      },
      get concurrency(): number {
        return concurrency();
      },
      get autoscale(): AutoscaleRange | null {
        return range();
      },
      get tasks(): readonly AnyTask[] {
        return [...app.tasks.values()];
      },
      serve: async (queues) => {
        await this.#consumer.serve(queues);
        await this.#heartbeat.beat();
      },
      resize: (slots) => this.#resize(slots),
      scale: (range) => this.#scale(range),
      restartPool: () => this.#pool.restart(),
      override: (task: string, overrides: TaskOverrides) =>
        this.#gate.override(task, overrides),
      tellEvents: (on) => this.#monitor.force(on),
      beat: () => {
        this.#monitor.beatNow();
        return this.#heartbeat.beat();
      },
      shutDown: () => {
        log.info("Told to shut down: what runs comes to its end");
        this.stop().catch((error) =>
          log.error("The worker did not stop cleanly: {error}", { error })
        );
      },
    };
    return new Receiver(stores.broker.bus, plan.hostname, {
      ...inspecting(steered),
      ...steering(steered),
    });
  }

  #makeMonitor(): Monitor {
    const { app, plan, stores, pid, platform, loadAverage } = this.#parts;
    const clock = app.clock();
    const teller = { hostname: plan.hostname, pid };
    const forced = plan.settings.workerSendTaskEvents;
    const sink = new EventSink(stores.broker.bus, clock, teller, forced);
    return new Monitor({
      sink,
      clock,
      load: () => ({
        active: this.#pool.running.size,
        processed: Object.values(this.totals.ended).reduce((a, b) => a + b, 0),
        loadavg: loadAverage(),
      }),
      system: platform["system"] ?? "",
      interval: plan.heartbeatInterval,
    });
  }

  #makeAutoscaler(): Autoscaler {
    const { plan: { autoscale }, app } = this.#parts;
    const autoscaler = new Autoscaler({
      held: () => this.#executor.held,
      resize: (slots) => {
        log.info("Autoscale: slots {slots}, tasks held {held}", {
          slots,
          held: this.#executor.held,
        });
        this.#pool.resize(slots);
      },
      clock: app.clock(),
    });
    if (autoscale !== null) autoscaler.set(autoscale, this.#pool.slots);
    return autoscaler;
  }

  #resize(slots: number): Promise<void> {
    this.#pool.resize(slots);
    return this.#hold(slots);
  }

  #scale(range: AutoscaleRange): Promise<void> {
    this.#autoscaler.set(range, this.#pool.slots);
    // It takes what the largest pool can run: the pool follows at once.
    return this.#hold(range.max);
  }

  /** Takes tasks for so many slots from now on. */
  #hold(slots: number): Promise<void> {
    this.#demand.resize(slots);
    this.#consumer.look();
    return this.#heartbeat.beat();
  }

  #stats(): WorkerStats {
    const { app, plan, stores: { broker }, pid, memory } = this.#parts;
    const { ended, byTask } = this.totals;
    return {
      pid,
      startedAt: this.#startedAt,
      uptime: Math.round((app.clock().now() - this.#startedAt) / 1000),
      total: byTask,
      ended,
      pool: {
        implementation: plan.pool,
        maxConcurrency: this.#pool.slots,
        running: this.#pool.running.size,
        processes: this.#pool.pids,
        maxTasksPerChild: plan.maxTasksPerChild,
        maxMemoryPerChild: plan.maxMemoryPerChild,
        timeouts: [
          plan.settings.taskSoftTimeLimit,
          plan.settings.taskTimeLimit,
        ],
      },
      autoscaler: this.#autoscaler.range,
      broker: { transport: broker.scheme, address: broker.address },
      prefetchCount: this.#demand.target,
      rss: memory().rss,
    };
  }

  #makeHeartbeat(): Heartbeat {
    const { app, plan, stores, pid } = this.#parts;
    return new Heartbeat({
      store: stores.broker,
      link: this.#links.broker,
      clock: app.clock(),
      cancel: (cancellations) => this.#executor.cancel(cancellations),
      revoked: (revocation) => this.#executor.cancelOwn(revocation),
      // What has not started runs elsewhere.
      lost: () => {
        this.#executor.recall();
        this.#executor.recallLimited();
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
          concurrency: this.#demand.slots,
          ...(this.#autoscaler.range === null
            ? {}
            : { autoscale: this.#autoscaler.range }),
          queues: this.#consumer.queues,
          startedAt: this.#startedAt,
          ...this.totals,
        },
      }),
    });
  }
}
