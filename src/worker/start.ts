/**
 * Starts a worker for an app in this process.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Settings } from "../config.ts";
import { useCurrentStorage } from "../current.ts";
import { type Internals, internalsOf } from "../internals.ts";
import { taskStorage } from "../runtime/async_context.ts";
import { machineFacts, pid } from "../runtime/machine.ts";
import { AsyncPool } from "./pool/async.ts";
import { IsolatePool } from "./pool/isolate.ts";
import { taskStore } from "./pool/task_store.ts";
import { reachStores } from "./reach_stores.ts";
import { planWorker, type WorkerPlan } from "./plan.ts";
import { TaskRunner } from "./run.ts";
import { type MakePool, Worker } from "./worker.ts";
import type { WorkerOptions } from "./worker_options.ts";

const log = getLogger(["lovage", "worker"]);

/**
 * Starts a worker.
 *
 * @param overrides settings that differ from the app's
 * @throws {ConfigError} for options that will not do
 * @throws {StoreError} when the store cannot be opened
 */
export async function startWorker(
  app: object,
  options: WorkerOptions,
  overrides: Partial<Settings> = {},
): Promise<Worker> {
  const internals = internalsOf(app);
  const settings = { ...internals.settings(), ...overrides };
  const plan = planWorker(options, settings, machineFacts());
  const stores = await reachStores(internals);
  const makePool = plan.pool === "async"
    ? asyncPool(internals, plan)
    : isolatePool(internals, plan);
  const worker = new Worker({
    app: internals,
    plan,
    stores,
    outbox: internals.outbox.isConfigured
      ? await internals.outbox.open()
      : null,
    makePool,
    pid: pid(),
  });
  await worker.start();
  return worker;
}

function asyncPool(app: Internals, plan: WorkerPlan): MakePool {
  useCurrentStorage(taskStorage());
  return (events) =>
    new AsyncPool({
      slots: plan.concurrency,
      runner: new TaskRunner(app),
      hostname: plan.hostname,
      events,
      clock: app.clock(),
    });
}

function isolatePool(app: Internals, plan: WorkerPlan): MakePool {
  return (events, stores) =>
    new IsolatePool({
      slots: plan.concurrency,
      slotsPerHost: plan.slotsPerHost,
      module: plan.module ?? "",
      hostname: plan.hostname,
      events,
      clock: app.clock(),
      store: taskStore(stores),
      onFault: (message) => log.error(message),
      maxTasksPerChild: plan.maxTasksPerChild ?? undefined,
      maxMemoryPerChild: plan.maxMemoryPerChild ?? undefined,
    });
}
