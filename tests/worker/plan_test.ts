/** Every setting about workers and runs is in force, and options go before. */

import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config.ts";
import { resolveConfig } from "../../src/settings.ts";
import type { TaskOptions } from "../../src/task_options.ts";
import { type TaskPolicy, taskPolicy } from "../../src/task_policy.ts";
import { planWorker, type WorkerPlan } from "../../src/worker/plan.ts";
import type { WorkerOptions } from "../../src/worker/worker_options.ts";

const MACHINE = { hostname: "here", cores: 2 };
const MODULE = { module: "file:///tasks.ts" };

/** What is set, in the app and for one; and what is in force then. */
type Row<Options, Result> = readonly [
  setting: Config,
  inForce: Partial<Result>,
  options: Options,
  inForceThen: Partial<Result>,
];

const WORKER: readonly Row<WorkerOptions, WorkerPlan>[] = [
  [
    { workerPool: "async" },
    { pool: "async", concurrency: 100 },
    { pool: "isolate" },
    { pool: "isolate", concurrency: 2 },
  ],
  [
    { workerConcurrency: 7 },
    { concurrency: 7 },
    { concurrency: 8 },
    { concurrency: 8 },
  ],
  [
    { workerSlotsPerHost: 3 },
    { slotsPerHost: 3 },
    { slotsPerHost: 4 },
    { slotsPerHost: 4 },
  ],
  [
    { workerPrefetchMultiplier: 5 },
    { prefetchMultiplier: 5 },
    { prefetchMultiplier: 6 },
    { prefetchMultiplier: 6 },
  ],
  [
    { workerMaxTasksPerChild: 10 },
    { maxTasksPerChild: 10 },
    { maxTasksPerChild: 11 },
    { maxTasksPerChild: 11 },
  ],
  [
    { workerMaxMemoryPerChild: "200MB" },
    { maxMemoryPerChild: 200 * 2 ** 20 },
    { maxMemoryPerChild: "300MB" },
    { maxMemoryPerChild: 300 * 2 ** 20 },
  ],
  [
    { workerShutdownTimeout: "20s" },
    { shutdownTimeout: 20_000 },
    { shutdownTimeout: 0 },
    { shutdownTimeout: 0 },
  ],
  [
    { workerLease: "20s" },
    { lease: 20_000 },
    { lease: "30s" },
    { lease: 30_000 },
  ],
  [
    { taskQueues: ["a", "b"] },
    { queues: ["a", "b"] },
    { excludeQueues: ["a"] },
    { queues: ["b"] },
  ],
];

for (const [setting, inForce, options, inForceThen] of WORKER) {
  const names = Object.keys(setting).join();
  Deno.test(`a worker without options follows ${names}`, () => {
    const settings = resolveConfig(setting);
    const plan = (given: WorkerOptions) =>
      planWorker({ ...MODULE, ...given }, settings, MACHINE);
    assertEquals({ ...plan({}), ...inForce }, plan({}));
    assertEquals({ ...plan(options), ...inForceThen }, plan(options));
  });
}

const TASK: readonly Row<TaskOptions, TaskPolicy>[] = [
  [
    { taskAcksLate: false },
    { acksLate: false },
    { acksLate: true },
    { acksLate: true },
  ],
  [
    { taskRejectOnWorkerLost: true },
    { rejectOnWorkerLost: true },
    { rejectOnWorkerLost: false },
    { rejectOnWorkerLost: false },
  ],
  [
    { taskTimeLimit: "30s" },
    { timeLimit: 30_000 },
    { timeLimit: 0 },
    { timeLimit: null },
  ],
  [
    { taskSoftTimeLimit: "20s" },
    { softTimeLimit: 20_000 },
    { softTimeLimit: "10s" },
    { softTimeLimit: 10_000 },
  ],
  [
    { taskTrackStarted: true },
    { trackStarted: true },
    { trackStarted: false },
    { trackStarted: false },
  ],
  [
    { taskIgnoreResult: true },
    { ignoreResult: true },
    { ignoreResult: false },
    { ignoreResult: false },
  ],
  [
    { taskStoreErrorsEvenIfIgnored: true },
    { storeErrors: true },
    { storeErrorsEvenIfIgnored: false },
    { storeErrors: false },
  ],
  [
    { taskDefaultRateLimit: "60/m" },
    { rateLimit: 1 },
    { rateLimit: "10/s" },
    { rateLimit: 10 },
  ],
];

for (const [setting, inForce, options, inForceThen] of TASK) {
  const names = Object.keys(setting).join();
  Deno.test(`a task without options follows ${names}`, () => {
    const settings = resolveConfig(setting);
    const policy = (given: TaskOptions) => taskPolicy("task", given, settings);
    assertEquals({ ...policy({}), ...inForce }, policy({}));
    assertEquals({ ...policy(options), ...inForceThen }, policy(options));
  });
}
