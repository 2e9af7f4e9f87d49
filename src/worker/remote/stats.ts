/**
 * The figures of a worker, for those who ask for them.
 *
 * @module
 */

import type { WorkerStats } from "../../control/facts.ts";
import type { Machinery } from "../machinery.ts";

/** How a worker is set up, and what it has done so far. */
export function statsOf(worker: Machinery): WorkerStats {
  const { executor, pool, startedAt } = worker;
  const { app, plan, stores: { broker }, pid, memory } = worker.parts;
  const { ended, byTask } = executor.totals;
  return {
    pid,
    startedAt,
    uptime: Math.round((app.clock().now() - startedAt) / 1000),
    total: byTask,
    ended,
    pool: {
      implementation: plan.pool,
      maxConcurrency: pool.slots,
      running: pool.running.size,
      processes: pool.pids,
      maxTasksPerChild: plan.maxTasksPerChild,
      maxMemoryPerChild: plan.maxMemoryPerChild,
      timeouts: [
        plan.settings.taskSoftTimeLimit,
        plan.settings.taskTimeLimit,
      ],
    },
    autoscaler: worker.autoscaler.range,
    broker: { transport: broker.scheme, address: broker.address },
    prefetchCount: worker.demand.target,
    rss: memory().rss,
  };
}
