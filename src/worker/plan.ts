/**
 * What a worker is to do: its options over the app's settings.
 *
 * @module
 */

import { checkRelations, parseLimit, type Settings } from "../settings.ts";
import type { PoolName } from "../config.ts";
import { ConfigError } from "../errors.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import { parseBytes } from "../options.ts";
import { type AutoscaleRange, checkRange } from "../control/autoscale.ts";
import { checkWorkerOptions, type WorkerOptions } from "./worker_options.ts";

/** A worker's options, resolved. Times are ms, memory is bytes. */
export interface WorkerPlan {
  /** The node name. */
  readonly hostname: string;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** How many tasks run at a time; with `autoscale`, at most. */
  readonly concurrency: number;
  /** Between how many and how many slots the pool has; `null` where fixed. */
  readonly autoscale: AutoscaleRange | null;
  /** Where they run. */
  readonly pool: PoolName;
  /** The module of the app, for isolates. */
  readonly module: string | null;
  /** Slots that share a host process. */
  readonly slotsPerHost: number;
  /** Tasks until a host is replaced. */
  readonly maxTasksPerChild: number | null;
  /** Memory above which a host is replaced. */
  readonly maxMemoryPerChild: number | null;
  /** The most deliveries held per slot; `null` is by measure. */
  readonly prefetchMultiplier: number | null;
  /** Whether the queues are emptied first. */
  readonly purge: boolean;
  /** How long a warm stop waits; `null` is without end. */
  readonly shutdownTimeout: number | null;
  /** How long it may be silent. */
  readonly lease: number;
  /** It tells those who watch of itself after this; `null` is never. */
  readonly heartbeatInterval: number | null;
  /** The app's settings, with the worker's own where it has some. */
  readonly settings: Settings;
}

/** What a plan needs to know of the machine. */
export interface MachineFacts {
  /** The host's full name. */
  readonly hostname: string;
  /** How many cores it has. */
  readonly cores: number;
}

// On an event loop tasks mostly wait; a hundred cost little.
const ASYNC_CONCURRENCY = 100;

/**
 * Resolves a worker's options.
 *
 * @throws {ConfigError} for what will not do
 */
export function planWorker(
  options: WorkerOptions,
  settings: Settings,
  machine: MachineFacts,
): WorkerPlan {
  checkWorkerOptions(options);
  const pool = options.pool ?? settings.workerPool ??
    (options.module === undefined ? "async" : "isolate");
  if (pool === "isolate" && options.module === undefined) {
    throw new ConfigError(
      'The isolate pool loads the app into processes of its own: say which module exports it, app.worker({ module: import.meta.url }), or use pool: "async"',
    );
  }
  const perPool = pool === "async" ? ASYNC_CONCURRENCY : machine.cores;
  const autoscale = autoscaleRange(options);
  return {
    hostname: nodeName(options.hostname ?? "lovage@%h", machine.hostname),
    queues: servedQueues(options, settings),
    concurrency: autoscale?.max ?? options.concurrency ??
      settings.workerConcurrency ?? perPool,
    autoscale,
    pool,
    module: options.module ?? null,
    slotsPerHost: options.slotsPerHost ?? settings.workerSlotsPerHost,
    maxTasksPerChild: given(
      options.maxTasksPerChild,
      settings.workerMaxTasksPerChild,
    ),
    maxMemoryPerChild: given(
      options.maxMemoryPerChild && parseBytes(options.maxMemoryPerChild),
      settings.workerMaxMemoryPerChild,
    ),
    prefetchMultiplier: given(
      options.prefetchMultiplier,
      settings.workerPrefetchMultiplier,
    ),
    purge: options.purge ?? false,
    shutdownTimeout: ms(
      options.shutdownTimeout,
      settings.workerShutdownTimeout,
    ),
    lease: ms(options.lease, settings.workerLease) ?? settings.workerLease,
    heartbeatInterval: beatInterval(options.heartbeatInterval),
    settings: Object.freeze(checkRelations({
      ...settings,
      workerSendTaskEvents: options.taskEvents ??
        settings.workerSendTaskEvents,
      taskTimeLimit: limit(options.timeLimit, settings.taskTimeLimit),
      taskSoftTimeLimit: limit(
        options.softTimeLimit,
        settings.taskSoftTimeLimit,
      ),
    })),
  };
}

function beatInterval(given: Duration | null = "2s"): number | null {
  if (given === null) return null;
  const interval = parseDuration(given, "heartbeatInterval");
  if (interval > 0) return interval;
  throw new ConfigError(
    "The heartbeatInterval of the worker must be longer than 0; null is no heartbeats",
  );
}

function autoscaleRange(
  { autoscale, concurrency }: WorkerOptions,
): AutoscaleRange | null {
  if (autoscale === undefined) return null;
  if (concurrency !== undefined) {
    throw new ConfigError(
      `A pool has either a fixed size (concurrency: ${concurrency}) or one that follows the work (autoscale): give one of them`,
    );
  }
  const { max, min = 1 } = autoscale;
  return checkRange({ max, min });
}

function given<T>(option: T | undefined, setting: T): T {
  return option === undefined ? setting : option;
}

function ms(
  option: Duration | null | undefined,
  setting: number | null,
): number | null {
  if (option === undefined || option === null) {
    return option === null ? null : setting;
  }
  return parseDuration(option, "an option of the worker");
}

// Unlike that of a stop, a limit of 0 is none.
function limit(
  option: Duration | null | undefined,
  setting: number | null,
): number | null {
  return option === undefined
    ? setting
    : parseLimit(option, "a limit of the worker");
}

function servedQueues(
  options: WorkerOptions,
  settings: Settings,
): readonly string[] {
  const wanted = options.queues ?? settings.taskQueues;
  const excluded = new Set(options.excludeQueues);
  const served = [...new Set(wanted)].filter((queue) => !excluded.has(queue));
  if (served.length === 0) {
    throw new ConfigError(
      `The worker would serve no queue: of ${
        wanted.join(", ")
      } all are excluded`,
    );
  }
  return served;
}

/** `%h` is the full name of the host, `%n` its first part, `%d` the rest. */
export function nodeName(pattern: string, hostname: string): string {
  const [name = hostname, ...domain] = hostname.split(".");
  const filled = pattern
    .replaceAll("%h", hostname)
    .replaceAll("%n", name)
    .replaceAll("%d", domain.join("."));
  return filled.includes("@") ? filled : `${filled}@${hostname}`;
}
