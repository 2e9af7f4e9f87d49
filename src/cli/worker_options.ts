/**
 * The options of `lovage worker`.
 *
 * @module
 */

import type { Command } from "commander";
import type { PoolName } from "../config.ts";
import type { AutoscaleRange } from "../control/autoscale.ts";
import type { Duration } from "../message/time.ts";
import type { WorkerOptions } from "../worker/worker_options.ts";
import { addDaemonOptions, type DaemonFlags } from "./daemon_options.ts";
import { UsageError } from "./errors.ts";
import { duration, integer, memory, names, oneOf, range } from "./parse.ts";

/** The options as they were given. */
export interface WorkerFlags extends DaemonFlags {
  /** Queues to serve. */
  readonly queues?: readonly string[];
  /** Queues not to serve. */
  readonly excludeQueues?: readonly string[];
  /** Tasks at a time. */
  readonly concurrency?: number;
  /** Between how many and how many tasks at a time. */
  readonly autoscale?: AutoscaleRange;
  /** Where tasks run. */
  readonly pool?: PoolName;
  /** Slots that share a host process. */
  readonly slotsPerHost?: number;
  /** Tasks until a host is replaced. */
  readonly maxTasksPerChild?: number;
  /** Memory above which a host is replaced, in bytes. */
  readonly maxMemoryPerChild?: number;
  /** The hard time limit of tasks that have none. */
  readonly timeLimit?: Duration;
  /** The soft time limit of tasks that have none. */
  readonly softTimeLimit?: Duration;
  /** The most deliveries held per slot. */
  readonly prefetchMultiplier?: number;
  /** Whether a beat runs beside it. */
  readonly beat?: boolean;
  /** Whether events are told also while nobody watches. */
  readonly taskEvents?: boolean;
  /** How often those who watch are told how it is doing. */
  readonly heartbeatInterval?: Duration;
  /** Whether they are not told. */
  readonly withoutHeartbeat?: boolean;
  /** Whether the queues are emptied first. */
  readonly purge?: boolean;
  /** How long a warm stop waits. */
  readonly shutdownTimeout?: Duration;
  /** The port that tells how it is doing; 0 is any that is free. */
  readonly healthPort?: number;
  /** The address of that port. */
  readonly healthAddress?: string;
}

/** Adds the options. */
export function addWorkerOptions(command: Command): void {
  command
    .option(
      "-Q, --queues <names>",
      "queues to serve, such as default,billing; otherwise the app's",
      names("--queues"),
    )
    .option(
      "-X, --exclude-queues <names>",
      "queues not to serve",
      names("--exclude-queues"),
    )
    .option(
      "-c, --concurrency <number>",
      "tasks at a time; otherwise one per core (isolate) or 100 (async)",
      integer("--concurrency", 1),
    )
    .option(
      "--autoscale <max,min>",
      "in place of -c: as many tasks at a time as there are, within this range",
      range("--autoscale"),
    )
    .option(
      "-P, --pool <name>",
      "isolate: in processes of their own, with hard limits; async: on this event loop",
      oneOf<PoolName>("--pool", ["isolate", "async"]),
    )
    .option(
      "--slots-per-host <number>",
      "slots that share a process; 1 contains every fault alone",
      integer("--slots-per-host", 1),
    );
  addDaemonOptions(command, "lovage@%h")
    .option(
      "--max-tasks-per-child <number>",
      "replace a host process after so many tasks",
      integer("--max-tasks-per-child", 1),
    )
    .option(
      "--max-memory-per-child <size>",
      "replace a host process that holds more, in KiB or with a unit (200MB)",
      memory("--max-memory-per-child"),
    )
    .option(
      "--time-limit <duration>",
      "end tasks by force after this, unless they have a limit of their own; 0 is never",
      duration("--time-limit"),
    )
    .option(
      "--soft-time-limit <duration>",
      "ask tasks to stop after this, unless they have a limit of their own; 0 is never",
      duration("--soft-time-limit"),
    )
    .option(
      "--prefetch-multiplier <number>",
      "hold at most so many tasks per slot; otherwise decided by how long they take",
      integer("--prefetch-multiplier", 1),
    )
    .option(
      "-B, --beat",
      "start a beat beside it, which sends what is due; any number may run",
    )
    .option(
      "-E, --task-events",
      "tell events also while nobody watches; otherwise only while somebody does",
    )
    .option(
      "--heartbeat-interval <duration>",
      "tell those who watch how it is doing this often (2s)",
      duration("--heartbeat-interval"),
    )
    .option(
      "--without-heartbeat",
      "do not tell them; the lease of its tasks goes on",
    )
    .option("--purge", "drop what waits in the queues first, without asking")
    .option(
      "--shutdown-timeout <duration>",
      "on a warm stop, give back what still runs after this",
      duration("--shutdown-timeout"),
    )
    .option(
      "--health-port <number>",
      "serve /healthz and /readyz over HTTP, for probes; otherwise nothing listens",
      integer("--health-port", 0, 65_535),
    )
    .option(
      "--health-address <address>",
      "address of that port (127.0.0.1)",
    );
}

/** The options of the worker itself. */
export function workerOptionsOf(
  flags: WorkerFlags,
  module: string | null,
  poolByDefault: PoolName,
): WorkerOptions {
  const {
    loglevel: _level,
    logfile: _log,
    pidfile: _pid,
    beat: _beat,
    healthPort: _port,
    healthAddress: _address,
    withoutHeartbeat = false,
    ...options
  } = flags;
  if (withoutHeartbeat && options.heartbeatInterval !== undefined) {
    throw new UsageError(
      "Heartbeats come either at an interval (--heartbeat-interval) or not at all (--without-heartbeat): give one of them",
    );
  }
  return {
    ...options,
    ...(withoutHeartbeat ? { heartbeatInterval: null } : {}),
    pool: flags.pool ?? poolByDefault,
    module: module ?? undefined,
  };
}
