/**
 * What workers say about themselves, under the names that Celery's have.
 *
 * @module
 */

import type { RequestInfo, WorkerStats } from "../../../control/facts.ts";
import type { FlowerRequest, FlowerWorker } from "./answers.ts";
import { seconds } from "./shapes.ts";

/** A worker's figures. */
export function flowerStats(
  stats: WorkerStats,
): NonNullable<FlowerWorker["stats"]> {
  const { pool, broker } = stats;
  const [soft, hard] = pool.timeouts;
  return {
    broker: { transport: broker.transport, hostname: broker.address },
    pid: stats.pid,
    pool: {
      implementation: pool.implementation,
      "max-concurrency": pool.maxConcurrency,
      "max-tasks-per-child": pool.maxTasksPerChild ?? "N/A",
      processes: [...pool.processes],
      timeouts: [seconds(soft ?? 0), seconds(hard ?? 0)],
    },
    prefetch_count: stats.prefetchCount,
    rusage: { maxrss: Math.round(stats.rss / 1_024) },
    total: { ...stats.total },
    uptime: stats.uptime,
  };
}

/** A task that a worker holds. */
export function flowerRequest(info: RequestInfo): FlowerRequest {
  const { queue, priority, redelivered } = info.deliveryInfo;
  return {
    id: info.id,
    name: info.name,
    args: [...info.args],
    kwargs: { ...info.kwargs },
    type: info.name,
    hostname: info.hostname,
    time_start: seconds(info.startedAt),
    acknowledged: info.acknowledged,
    delivery_info: {
      exchange: "",
      routing_key: queue,
      priority,
      redelivered,
    },
    worker_pid: info.workerPid,
  };
}
