/**
 * Starts a worker for an app in this process.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Settings } from "../settings.ts";
import { useCurrentStorage } from "../current.ts";
import type { Store } from "../contracts/store.ts";
import { type Internals, internalsOf } from "../internals.ts";
import type { OpenStores } from "../producer/stores.ts";
import { taskStorage } from "../runtime/async_context.ts";
import {
  loadAverage,
  machineFacts,
  pid,
  platformFacts,
} from "../runtime/machine.ts";
import { memoryUse } from "../runtime/memory.ts";
import { exportsTelemetry } from "../runtime/process.ts";
import { AsyncPool } from "./pool/async.ts";
import { IsolatePool } from "./pool/isolate.ts";
import { taskStore } from "./pool/task_store.ts";
import { type OnWait, reach } from "../producer/reach_stores.ts";
import { planWorker, type WorkerPlan } from "./plan.ts";
import type { Quota } from "./quota.ts";
import { TaskRunner } from "./task_runner.ts";
import type { MakePool } from "./machinery.ts";
import { Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker_options.ts";

const log = getLogger(["lovage", "worker"]);

const NEVER = new AbortController().signal;

/** How a worker is started. */
export interface StartOptions {
  /** Settings that differ from the app's. */
  readonly overrides?: Partial<Settings>;
  /** How much it is to do; without it, it goes on until it is stopped. */
  readonly quota?: Quota;
  /** Ends the start when it aborts while the worker waits for its store. */
  readonly signal?: AbortSignal;
  /** Told while it waits for its store. */
  readonly onWait?: OnWait;
}

/**
 * Starts a worker.
 *
 * @throws {ConfigError} for options that will not do
 * @throws {StoreError} when the store cannot be opened
 * @throws the signal's reason when it aborts while the store is away
 */
export async function startWorker(
  app: object,
  options: WorkerOptions,
  { overrides = {}, quota, signal = NEVER, onWait }: StartOptions = {},
): Promise<Worker> {
  const internals = internalsOf(app);
  const settings = { ...internals.settings(), ...overrides };
  const plan = planWorker(options, settings, machineFacts());
  // What a task's options refuse is said now, not when the task comes.
  for (const task of internals.tasks.values()) task.policy(plan.settings);
  const { stores, outbox } = internals;
  const reached = <T>(call: () => Promise<T>, what = "The store") =>
    reach(internals, what, call, signal, onWait);
  const opened = await reached(() => stores.open());
  const openOutbox = outbox.isConfigured
    ? await reached(() => outbox.open(), "The outbox")
    : null;
  warnOf(opened, openOutbox);
  const makePool = plan.pool === "async"
    ? asyncPool(internals, plan)
    : isolatePool(internals, plan);
  const worker = new Worker({
    app: internals,
    plan,
    stores: opened,
    outbox: openOutbox,
    makePool,
    quota,
    pid: pid(),
    platform: platformFacts(),
    memory: memoryUse,
    loadAverage,
  });
  // It may go away again before the worker is ready.
  await worker.start((call) => reached(call));
  return worker;
}

/** Logs what about the stores is a danger to tasks. */
function warnOf({ broker, backend }: OpenStores, outbox: Store | null): void {
  const stores = [broker, backend, ...(outbox === null ? [] : [outbox])];
  for (const warning of new Set(stores.flatMap((each) => each.warnings))) {
    log.warn("{warning}", { warning });
  }
}

function asyncPool(app: Internals, plan: WorkerPlan): MakePool {
  useCurrentStorage(taskStorage());
  return (events) =>
    new AsyncPool({
      slots: plan.autoscale?.min ?? plan.concurrency,
      runner: new TaskRunner(app),
      hostname: plan.hostname,
      events,
      clock: app.clock(),
    });
}

function isolatePool(app: Internals, plan: WorkerPlan): MakePool {
  return (events, stores) =>
    new IsolatePool({
      slots: plan.autoscale?.min ?? plan.concurrency,
      mostSlots: plan.concurrency,
      slotsPerHost: plan.slotsPerHost,
      module: plan.module ?? "",
      hostname: plan.hostname,
      events,
      clock: app.clock(),
      store: taskStore(stores),
      farewell: exportsTelemetry() || app.hooks.has("workerProcessShutdown"),
      onFault: (message) => log.error(message),
      maxTasksPerChild: plan.maxTasksPerChild ?? undefined,
      maxMemoryPerChild: plan.maxMemoryPerChild ?? undefined,
    });
}
