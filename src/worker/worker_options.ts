/**
 * What a worker can be told.
 *
 * @module
 */

import type { PoolName } from "../config.ts";
import type { Duration } from "../message/time.ts";
import {
  type Bytes,
  checkOptions,
  isArrayOf,
  isBoolean,
  isBytes,
  isDuration,
  isInteger,
  isName,
  isObject,
  isOneOf,
  isText,
  orNull,
} from "../options.ts";

/** The options of a worker. What is not given comes from the app's settings. */
export interface WorkerOptions {
  /** The queues to serve. Defaults to `taskQueues`. */
  readonly queues?: readonly string[] | undefined;
  /** Queues not to serve. */
  readonly excludeQueues?: readonly string[] | undefined;
  /** How many tasks run at a time. */
  readonly concurrency?: number | undefined;
  /**
   * In place of `concurrency`: the pool grows at once while tasks wait for a
   * slot, and shrinks when slots were not needed for half a minute. What runs
   * is never ended for it. `min` defaults to 1.
   */
  readonly autoscale?:
    | { readonly max: number; readonly min?: number | undefined }
    | undefined;
  /**
   * Where tasks run. Defaults to `workerPool`, else to isolates where `module`
   * is given, and to this event loop where it is not.
   */
  readonly pool?: PoolName | undefined;
  /**
   * The module that exports the app, for isolates to load: where the worker is
   * started from that module, `import.meta.url`.
   */
  readonly module?: string | undefined;
  /** Slots that share a host process. */
  readonly slotsPerHost?: number | undefined;
  /**
   * The node name: `%h` is the host's full name, `%n` its first part, `%d` the
   * rest. A name without `@` gets `@%h`.
   *
   * @default {"lovage@%h"}
   */
  readonly hostname?: string | undefined;
  /** Replace a host after so many tasks. */
  readonly maxTasksPerChild?: number | null | undefined;
  /** Replace a host that holds more memory than this. */
  readonly maxMemoryPerChild?: Bytes | null | undefined;
  /** The hard time limit of tasks that have none; `null` or 0 is none. */
  readonly timeLimit?: Duration | null | undefined;
  /** The soft time limit of tasks that have none; `null` or 0 is none. */
  readonly softTimeLimit?: Duration | null | undefined;
  /** At most so many deliveries per slot are held. */
  readonly prefetchMultiplier?: number | null | undefined;
  /**
   * Tell events also while nobody watches. Defaults to
   * `workerSendTaskEvents`.
   */
  readonly taskEvents?: boolean | undefined;
  /**
   * How often those who watch are told how the worker is doing; `null` is
   * never. The lease of its tasks is another matter: see `lease`.
   *
   * @default {"2s"}
   */
  readonly heartbeatInterval?: Duration | null | undefined;
  /** Drop everything that waits in the queues before starting. */
  readonly purge?: boolean | undefined;
  /** How long `stop()` waits for running tasks before it gives them back. */
  readonly shutdownTimeout?: Duration | null | undefined;
  /** How long the worker may be silent before its tasks go to others. */
  readonly lease?: Duration | undefined;
}

const CHECKS = {
  queues: isArrayOf(isName),
  excludeQueues: isArrayOf(isName),
  concurrency: isInteger(1),
  autoscale: isObject,
  pool: isOneOf("isolate", "async"),
  module: isText,
  slotsPerHost: isInteger(1),
  hostname: isText,
  maxTasksPerChild: orNull(isInteger(1)),
  maxMemoryPerChild: orNull(isBytes),
  timeLimit: orNull(isDuration),
  softTimeLimit: orNull(isDuration),
  prefetchMultiplier: orNull(isInteger(1)),
  taskEvents: isBoolean,
  heartbeatInterval: orNull(isDuration),
  purge: isBoolean,
  shutdownTimeout: orNull(isDuration),
  lease: isDuration,
};

/**
 * Refuses what will not do.
 *
 * @throws {ConfigError} naming the option and what was wanted
 */
export function checkWorkerOptions(options: WorkerOptions): void {
  checkOptions("the worker", options, CHECKS);
}
