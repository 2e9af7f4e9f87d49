/**
 * What an isolate pool is made of.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import type { Store } from "../../contracts/store.ts";
import type { PoolEvents } from "./pool.ts";

/** The options of an isolate pool. */
export interface IsolatePoolOptions {
  /** How many jobs can run at a time. */
  readonly slots: number;
  /** How many it may be resized to; what memory hosts may hold counts on it. */
  readonly mostSlots?: number | undefined;
  /** The module of the application: an absolute URL. */
  readonly module: string;
  /** The node name of the worker. */
  readonly hostname: string;
  /** Told what comes of the jobs. */
  readonly events: PoolEvents;
  /** Where time comes from. */
  readonly clock: Clock;
  /** The store that tasks may call; `null` is none. */
  readonly store: Store | null;
  /**
   * How many slots share a host process. With 1 every fault stays alone; more
   * take less memory.
   *
   * @default {1}
   */
  readonly slotsPerHost?: number | undefined;
  /** After how many jobs an isolate is replaced. Without it, never. */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * Above how many bytes, held after a job, a host is replaced. Without it,
   * never.
   */
  readonly maxMemoryPerChild?: number | undefined;
  /**
   * Whether hosts in which nothing runs end in peace: listeners of
   * `workerProcessShutdown` are told, and what is recorded is exported.
   * Otherwise they are killed, which is quicker.
   */
  readonly farewell?: boolean | undefined;
  /**
   * The most memory that a host may hold, in bytes. Defaults to its share of
   * three quarters of the machine's memory, between 256 MiB and 4 GiB.
   */
  readonly memoryLimit?: number | undefined;
  /** More flags of `deno run` for the hosts. */
  readonly flags?: readonly string[] | undefined;
  /**
   * How long a host may take to load the application, in ms.
   *
   * @default {60_000}
   */
  readonly startTimeout?: number | undefined;
  /** Told of what went wrong with hosts, in sentences for the log. */
  readonly onFault?: ((message: string) => void) | undefined;
  /** The module that exports `loadRunner`. Defaults to the worker's own. */
  readonly runnerModule?: string | undefined;
}
