/**
 * A worker: reserves, runs, settles and keeps alive, from its start to its
 * end.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { type Service, startAll } from "../service/service.ts";
import type { Totals } from "./executor.ts";
import { healthOf, type WorkerHealth } from "./health.ts";
import { Machinery, type WorkerParts } from "./machinery.ts";
import type { WorkerPlan } from "./plan.ts";
import type { StopMode } from "./pool/pool.ts";
import { inspecting } from "./remote/inspecting.ts";
import { Receiver } from "./remote/receiver.ts";
import { steeredWorker } from "./remote/steered_worker.ts";
import { steering } from "./remote/steering.ts";
import { tellEnd, windDown } from "./shutdown.ts";

const log = getLogger(["lovage", "worker"]);

// A running worker keeps its process alive; nothing else of it does.
const KEEP_ALIVE = 60_000;

/** A running worker. */
export class Worker implements AsyncDisposable {
  /** What it does: its options over the app's settings. */
  readonly plan: WorkerPlan;
  /** Unique to this start of the worker. */
  readonly id: string;
  readonly #machinery: Machinery;
  readonly #services: readonly Service[];
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #stopping: Promise<void> | null = null;
  readonly #stopped = Promise.withResolvers<void>();
  #goCold: () => void = () => {};

  /** Use `app.worker()`. */
  constructor(parts: WorkerParts) {
    this.plan = parts.plan;
    const machinery = this.#machinery = new Machinery(parts);
    this.id = machinery.id;
    this.#services = [...machinery.upkeep, this.#makeReceiver()];
  }

  /** The node name. */
  get hostname(): string {
    return this.plan.hostname;
  }

  /** What its pool cannot enforce. */
  get warnings(): readonly string[] {
    return this.#machinery.pool.warnings;
  }

  /** What it has done so far. */
  get totals(): Totals {
    return this.#machinery.executor.totals;
  }

  /** How it is doing, as it knows without asking its stores. */
  get health(): WorkerHealth {
    const { heartbeat, links, consumer } = this.#machinery;
    return healthOf({
      heartbeat,
      links,
      lease: this.plan.lease,
      queues: () => consumer.queues,
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
    const { pool, consumer, parts: { app, plan, stores } } = this.#machinery;
    const event = { hostname: plan.hostname };
    app.hooks.emit("workerInit", event);
    const { broker } = stores.broker;
    if (plan.purge) await reached(() => broker.purge(plan.queues));
    await pool.start();
    try {
      await startAll(this.#services, async (service) => {
        await reached(() => service.start());
      });
    } catch (error) {
      await pool.stop("cold");
      throw error;
    }
    this.#keepAlive = setInterval(() => {}, KEEP_ALIVE);
    app.hooks.emit("workerReady", event);
    await consumer.start();
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

  async #stop(mode: StopMode, cold: Promise<void>): Promise<void> {
    const { app } = this.#machinery.parts;
    const event = { hostname: this.hostname };
    app.hooks.emit("workerShuttingDown", { ...event, how: mode });
    await windDown(this.#machinery, this.#services, cold);
    clearInterval(this.#keepAlive);
    await tellEnd(app, event);
  }

  // What others see of it, and may change.
  #makeReceiver(): Receiver {
    const { bus } = this.#machinery.parts.stores.broker;
    const steered = steeredWorker(this.#machinery, () => {
      log.info("Told to shut down: what runs comes to its end");
      this.stop().catch((error) =>
        log.error("The worker did not stop cleanly: {error}", { error })
      );
    });
    return new Receiver(bus, this.hostname, {
      ...inspecting(steered),
      ...steering(steered),
    });
  }
}
