/**
 * What an app can be told: Celery's settings, in camelCase.
 *
 * @module
 */

import type { Clock } from "./contracts/clock.ts";
import type { Store } from "./contracts/store.ts";
import type { Duration } from "./message/time.ts";
import type { Bytes, Rate } from "./options.ts";
import type { Routes } from "./producer/router.ts";
import type { RetryPolicy } from "./retry_policy.ts";
import type { BeatSchedule } from "./schedules/entry.ts";
import type { QueueLimits } from "./task_limits.ts";

/** Where isolates come from: host processes, or the worker's own event loop. */
export type PoolName = "isolate" | "async";

/** What an app can be told. Every setting is optional. */
export interface Config {
  /** Where tasks wait. @default {"sqlite://./lovage.db"} */
  readonly brokerUrl?: string | undefined;
  /** Where results are kept. Defaults to `brokerUrl`. */
  readonly resultBackend?: string | undefined;
  /** An opened store, instead of URLs: for bundles and tests. */
  readonly store?: Store | undefined;
  /**
   * Where `app.onCommit()` and `{ tx }` keep tasks until a transaction of your
   * own has committed, when tasks themselves wait elsewhere: the URL of your
   * PostgreSQL database, or a store in it. Workers relay them, so they need
   * this setting, too.
   *
   * @default {null}
   */
  readonly outbox?: string | Store | null | undefined;
  /** Where time comes from. Defaults to the system's clock. */
  readonly clock?: Clock | undefined;

  /**
   * Whether a worker that does not reach its store at the start tries again.
   *
   * @default {true}
   */
  readonly brokerConnectionRetryOnStartup?: boolean | undefined;
  /**
   * How often it tries again at the start, with pauses that grow from 1 to 30
   * seconds; `null` is without end. A worker that runs waits for a store that
   * went away for as long as that takes.
   *
   * @default {100}
   */
  readonly brokerConnectionMaxRetries?: number | null | undefined;

  /** The queue of tasks that name none. @default {"default"} */
  readonly taskDefaultQueue?: string | undefined;
  /** The queues that workers serve by default. Defaults to `taskDefaultQueue`. */
  readonly taskQueues?: readonly string[] | undefined;
  /**
   * How many tasks of a queue run at a time, and how often they start, in all
   * workers together: `{ billing: { concurrency: 5, rateLimit: "100/s" } }`.
   * Who sends and who works must agree on it.
   *
   * @default {{}}
   */
  readonly taskQueueLimits?:
    | Readonly<Record<string, QueueLimits>>
    | undefined;
  /**
   * Whether a queue that is not in `taskQueues` may be sent to.
   *
   * @default {true}
   */
  readonly taskCreateMissingQueues?: boolean | undefined;
  /** Which tasks go where: by name, glob, regular expression or function. */
  readonly taskRoutes?: Routes | undefined;
  /** The priority of tasks that name none, 0 (first) to 9. @default {4} */
  readonly taskDefaultPriority?: number | undefined;
  /** Whether a task sent by a task takes its priority. @default {false} */
  readonly taskInheritParentPriority?: boolean | undefined;

  /** Run tasks at the call, in this process, for tests. @default {false} */
  readonly taskAlwaysEager?: boolean | undefined;
  /** In eager mode, throw a task's error at the call. @default {false} */
  readonly taskEagerPropagates?: boolean | undefined;
  /** In eager mode, store results as well. @default {false} */
  readonly taskStoreEagerResult?: boolean | undefined;

  /**
   * Acknowledge after the run. With `false` a task runs at most once: it is
   * lost with its worker.
   *
   * @default {true}
   */
  readonly taskAcksLate?: boolean | undefined;
  /** Run a task again whose host process died. @default {false} */
  readonly taskRejectOnWorkerLost?: boolean | undefined;
  /** After so many lost workers a task is given up. @default {3} */
  readonly taskMaxDeliveries?: number | undefined;
  /** End a task by force after this time; `null` or 0 is never. @default {null} */
  readonly taskTimeLimit?: Duration | null | undefined;
  /** Ask a task to end after this time; `null` or 0 is never. @default {null} */
  readonly taskSoftTimeLimit?: Duration | null | undefined;
  /** Store the state STARTED. @default {false} */
  readonly taskTrackStarted?: boolean | undefined;
  /**
   * Tell watchers also that a task was sent (the event `task-sent`), by
   * whatever process sends it.
   *
   * @default {false}
   */
  readonly taskSendSentEvent?: boolean | undefined;
  /** Store no results. @default {false} */
  readonly taskIgnoreResult?: boolean | undefined;
  /** Store errors of tasks whose results are ignored. @default {false} */
  readonly taskStoreErrorsEvenIfIgnored?: boolean | undefined;
  /** The rate limit of tasks that name none, per worker. @default {null} */
  readonly taskDefaultRateLimit?: Rate | null | undefined;
  /**
   * Try again to publish when the store is away. What may have arrived
   * although its answer was lost is left to the store, which knows its own
   * messages again; if that does not find out either, the error says `inDoubt`.
   *
   * @default {true}
   */
  readonly taskPublishRetry?: boolean | undefined;
  /** How to try again. */
  readonly taskPublishRetryPolicy?: RetryPolicy | undefined;
  /**
   * The largest message that is sent or run.
   *
   * @default {"4MB"}
   */
  readonly taskMaxMessageSize?: Bytes | undefined;
  /**
   * How long a task that no worker knows is offered to others before it
   * becomes a dead letter.
   *
   * @default {"60s"}
   */
  readonly taskUnknownTimeout?: Duration | undefined;

  /** How long results are kept; `null` or 0 is for ever. @default {"1d"} */
  readonly resultExpires?: Duration | null | undefined;
  /** Keep arguments, headers and queue with the result. @default {false} */
  readonly resultExtended?: boolean | undefined;

  /** Where tasks run. @default {"isolate"} */
  readonly workerPool?: PoolName | undefined;
  /**
   * How many tasks run at a time. Defaults to the number of cores for
   * isolates, and to 100 on the event loop.
   */
  readonly workerConcurrency?: number | undefined;
  /** Slots that share one host process. @default {1} */
  readonly workerSlotsPerHost?: number | undefined;
  /**
   * At most so many deliveries per slot are held; `null` lets the worker
   * decide by how long tasks take.
   *
   * @default {null}
   */
  readonly workerPrefetchMultiplier?: number | null | undefined;
  /** Replace a host after so many tasks; `null` is never. @default {null} */
  readonly workerMaxTasksPerChild?: number | null | undefined;
  /** Replace a host that holds more memory than this. @default {null} */
  readonly workerMaxMemoryPerChild?: Bytes | null | undefined;
  /** How long a worker may be silent before its tasks go to others. @default {"15s"} */
  readonly workerLease?: Duration | undefined;
  /** Tell events also while nobody watches. @default {false} */
  readonly workerSendTaskEvents?: boolean | undefined;
  /**
   * Ignore rate limits that are per worker; those of scope `"cluster"` hold.
   *
   * @default {false}
   */
  readonly workerDisableRateLimits?: boolean | undefined;
  /**
   * How long a stopping worker waits for running tasks before it gives them
   * back; `null` waits for as long as they take.
   *
   * @default {null}
   */
  readonly workerShutdownTimeout?: Duration | null | undefined;

  /**
   * The IANA time zone of schedules that name none, such as
   * `"Europe/Berlin"`.
   *
   * @default {"UTC"}
   */
  readonly timezone?: string | undefined;
  /** What beat sends again and again, by name. */
  readonly beatSchedule?: BeatSchedule | undefined;
  /**
   * The longest that beat goes without looking at the store. It hears of
   * changes at once; this is for those that it was not told. `null` is a third
   * of `beatLease`, which is also the most.
   *
   * @default {null}
   */
  readonly beatMaxLoopInterval?: Duration | null | undefined;
  /** How long a leading beat may be silent before another takes over. @default {"15s"} */
  readonly beatLease?: Duration | undefined;
  /**
   * How late a time still counts for entries whose `catchUp` is `"skip"`.
   *
   * @default {"60s"}
   */
  readonly beatCronStartingDeadline?: Duration | undefined;
}
