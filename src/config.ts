/**
 * The settings of an app: Celery's, in camelCase. All that is not given has a
 * default; all that is given is checked.
 *
 * @module
 */

import type { Limit } from "./contracts/limits.ts";
import type { Store } from "./contracts/store.ts";
import type { Clock } from "./contracts/clock.ts";
import { ConfigError } from "./errors.ts";
import { type Duration, parseDuration } from "./message/time.ts";
import {
  type Bytes,
  type Check,
  checkOptions,
  type Checks,
  either,
  isArrayOf,
  isBoolean,
  isBytes,
  isDuration,
  isInteger,
  isName,
  isObject,
  isOneOf,
  isRate,
  isText,
  orNull,
  parseBytes,
  type Rate,
  show,
  unknownOption,
} from "./options.ts";
import { checkRoutes, type Routes } from "./producer/router.ts";
import type { BeatSchedule } from "./schedules/entry.ts";
import { isQueueLimits, type QueueLimits, rateWindow } from "./task_limits.ts";
import { checkTimezone } from "./schedules/timing/timezone.ts";

/** How a publish is retried while the store does not answer. */
export interface RetryPolicy {
  /** Tries after the first. @default {3} */
  readonly maxRetries?: number | undefined;
  /** Pause before the first retry. @default {0} */
  readonly intervalStart?: Duration | undefined;
  /** What each further pause is longer by. @default {0.2} */
  readonly intervalStep?: Duration | undefined;
  /** The longest pause. @default {1} */
  readonly intervalMax?: Duration | undefined;
}

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

/** The settings whose units are resolved: times in ms, memory in bytes. */
export interface ResolvedUnits {
  /** {@linkcode Config.taskQueueLimits} */
  readonly taskQueueLimits: Readonly<Record<string, readonly Limit[]>>;
  /** {@linkcode Config.taskTimeLimit} */
  readonly taskTimeLimit: number | null;
  /** {@linkcode Config.taskSoftTimeLimit} */
  readonly taskSoftTimeLimit: number | null;
  /** {@linkcode Config.taskMaxMessageSize} */
  readonly taskMaxMessageSize: number;
  /** {@linkcode Config.taskUnknownTimeout} */
  readonly taskUnknownTimeout: number;
  /** {@linkcode Config.resultExpires} */
  readonly resultExpires: number | null;
  /** {@linkcode Config.workerMaxMemoryPerChild} */
  readonly workerMaxMemoryPerChild: number | null;
  /** {@linkcode Config.workerLease} */
  readonly workerLease: number;
  /** {@linkcode Config.workerShutdownTimeout} */
  readonly workerShutdownTimeout: number | null;
  /** {@linkcode Config.beatMaxLoopInterval} */
  readonly beatMaxLoopInterval: number | null;
  /** {@linkcode Config.beatLease} */
  readonly beatLease: number;
  /** {@linkcode Config.beatCronStartingDeadline} */
  readonly beatCronStartingDeadline: number;
  /** {@linkcode Config.store} */
  readonly store: Store | null;
  /** {@linkcode Config.clock} */
  readonly clock: Clock | null;
  /** {@linkcode Config.workerPool} */
  readonly workerPool: PoolName | null;
  /** {@linkcode Config.workerConcurrency} */
  readonly workerConcurrency: number | null;
}

/**
 * The settings in force: every value as given or by default, times in
 * milliseconds, memory in bytes, `null` where the default is decided later.
 */
export type Settings = {
  readonly [Name in keyof Required<Config>]: Name extends keyof ResolvedUnits
    ? ResolvedUnits[Name]
    : Exclude<Config[Name], undefined>;
};

/** What is accepted for a setting, its default, and how units are resolved. */
type Setting<Given, InForce> = readonly [
  check: Check,
  byDefault: InForce,
  resolve?: (given: Exclude<Given, undefined>) => InForce,
];

const isPriority = isInteger(0, 9);
const isPositive = isInteger(1);

const isStore: Check = (value) =>
  isObject(value) === null && "broker" in (value as object)
    ? null
    : 'a store, such as memoryStore() of "@lovage/lovage/memory"';

const isTimezone: Check = (value) => {
  try {
    checkTimezone(value);
    return null;
  } catch (error) {
    return `an IANA time zone (${(error as Error).message})`;
  }
};

const RETRY_POLICY: Checks<RetryPolicy> = {
  maxRetries: isInteger(0),
  intervalStart: isDuration,
  intervalStep: isDuration,
  intervalMax: isDuration,
};

/** Accepts a {@linkcode RetryPolicy}. */
export const isRetryPolicy: Check = (value) => {
  if (isObject(value) !== null) return "an object";
  checkOptions("the retry policy", value as RetryPolicy, RETRY_POLICY);
  return null;
};

/**
 * The milliseconds of a limit. `null` and, as in Celery, 0 are none: what may
 * take no time at all could never be.
 *
 * @param what whose value it is, for the error
 * @throws {TypeError} when it is no duration
 */
export function parseLimit(
  given: Duration | null,
  what: string,
): number | null {
  return given === null ? null : parseDuration(given, what) || null;
}

const ms = (given: Duration): number => parseDuration(given, "the setting");
const limitMs = (given: Duration | null): number | null =>
  parseLimit(given, "the setting");
const msOrNull = (given: Duration | null): number | null =>
  given === null ? null : ms(given);
const bytesOrNull = (given: Bytes | null): number | null =>
  given === null ? null : parseBytes(given);

function limitsOfQueues(
  given: Readonly<Record<string, QueueLimits>>,
): Readonly<Record<string, readonly Limit[]>> {
  const limits: Record<string, readonly Limit[]> = Object.create(null);
  for (const [queue, { concurrency, rateLimit }] of Object.entries(given)) {
    const key = `queue:${queue}`;
    const both: Limit[] = [];
    if (concurrency !== undefined) {
      both.push({ kind: "concurrency", key, most: concurrency });
    }
    if (rateLimit !== undefined) {
      both.push({ kind: "rate", key, ...rateWindow(rateLimit) });
    }
    if (both.length > 0) limits[queue] = both;
  }
  return limits;
}

const SETTINGS: {
  readonly [Name in keyof Settings]: Setting<Config[Name], Settings[Name]>;
} = {
  brokerUrl: [isText, "sqlite://./lovage.db"],
  resultBackend: [isText, ""],
  store: [isStore, null],
  outbox: [orNull(either(isText, isStore)), null],
  clock: [isObject, null],
  brokerConnectionRetryOnStartup: [isBoolean, true],
  brokerConnectionMaxRetries: [orNull(isInteger(0)), 100],
  taskDefaultQueue: [isName, "default"],
  taskQueues: [isArrayOf(isName), []],
  taskQueueLimits: [isQueueLimits, {}, limitsOfQueues],
  taskCreateMissingQueues: [isBoolean, true],
  taskRoutes: [checkRoutes, []],
  taskDefaultPriority: [isPriority, 4],
  taskInheritParentPriority: [isBoolean, false],
  taskAlwaysEager: [isBoolean, false],
  taskEagerPropagates: [isBoolean, false],
  taskStoreEagerResult: [isBoolean, false],
  taskAcksLate: [isBoolean, true],
  taskRejectOnWorkerLost: [isBoolean, false],
  taskMaxDeliveries: [isPositive, 3],
  taskTimeLimit: [orNull(isDuration), null, limitMs],
  taskSoftTimeLimit: [orNull(isDuration), null, limitMs],
  taskTrackStarted: [isBoolean, false],
  taskSendSentEvent: [isBoolean, false],
  taskIgnoreResult: [isBoolean, false],
  taskStoreErrorsEvenIfIgnored: [isBoolean, false],
  taskDefaultRateLimit: [orNull(isRate), null],
  taskPublishRetry: [isBoolean, true],
  taskPublishRetryPolicy: [isRetryPolicy, {}],
  taskMaxMessageSize: [isBytes, 4 * 2 ** 20, parseBytes],
  taskUnknownTimeout: [isDuration, 60_000, ms],
  resultExpires: [orNull(isDuration), 86_400_000, limitMs],
  resultExtended: [isBoolean, false],
  workerPool: [isOneOf("isolate", "async"), null],
  workerConcurrency: [isPositive, null],
  workerSlotsPerHost: [isPositive, 1],
  workerPrefetchMultiplier: [orNull(isPositive), null],
  workerMaxTasksPerChild: [orNull(isPositive), null],
  workerMaxMemoryPerChild: [orNull(isBytes), null, bytesOrNull],
  workerLease: [isDuration, 15_000, ms],
  workerSendTaskEvents: [isBoolean, false],
  workerDisableRateLimits: [isBoolean, false],
  workerShutdownTimeout: [orNull(isDuration), null, msOrNull],
  timezone: [isTimezone, "UTC"],
  beatSchedule: [isObject, {}],
  beatMaxLoopInterval: [orNull(isDuration), null, msOrNull],
  beatLease: [isDuration, 15_000, ms],
  beatCronStartingDeadline: [isDuration, 60_000, ms],
};

/** The names of all settings. */
export const SETTING_NAMES: readonly (keyof Config)[] = Object.keys(
  SETTINGS,
) as (keyof Config)[];

/**
 * The settings in force for what was given.
 *
 * @throws {ConfigError} for an unknown setting or a value that will not do
 */
export function resolveConfig(config: Config): Settings {
  const checks = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, SETTINGS[name][0]]),
  ) as Checks<Config>;
  checkOptions("the configuration", config, checks);
  const settings = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, inForce(name, config)]),
  ) as unknown as Record<keyof Settings, unknown> as Settings;
  return Object.freeze(checkRelations({
    ...settings,
    resultBackend: settings.resultBackend || settings.brokerUrl,
    taskQueues: settings.taskQueues.length > 0
      ? settings.taskQueues
      : [settings.taskDefaultQueue],
  }));
}

function inForce(name: keyof Config, config: Config): unknown {
  const [, byDefault, resolve] = SETTINGS[name] as Setting<unknown, unknown>;
  const given = config[name];
  if (given === undefined) return byDefault;
  return resolve === undefined ? given : resolve(given);
}

/**
 * Refuses settings that contradict each other.
 *
 * @throws {ConfigError} saying which and why
 */
export function checkRelations(settings: Settings): Settings {
  const { taskSoftTimeLimit: soft, taskTimeLimit: hard } = settings;
  if (soft !== null && hard !== null && soft >= hard) {
    throw new ConfigError(
      `taskSoftTimeLimit (${soft} ms) must be shorter than taskTimeLimit (${hard} ms), otherwise it never comes to bear`,
    );
  }
  if (settings.workerLease < 1000) {
    throw new ConfigError(
      `workerLease must be at least one second, but it is ${settings.workerLease} ms: a busy machine would lose its leases`,
    );
  }
  if (settings.beatLease < 1000) {
    throw new ConfigError(
      `beatLease must be at least one second, but it is ${settings.beatLease} ms: beats would take the lead from each other`,
    );
  }
  return settings;
}

/**
 * Picks the settings out of an object whose keys bear a prefix, as in a
 * larger application's own configuration: with the namespace `"LOVAGE"`,
 * `LOVAGE_BROKER_URL` and `lovageBrokerUrl` are `brokerUrl`.
 *
 * @throws {ConfigError} for a key with the prefix that names no setting
 */
export function configFromObject(
  source: Readonly<Record<string, unknown>>,
  namespace: string = "",
): Config {
  const prefix = plainName(namespace);
  const byPlainName = new Map(
    SETTING_NAMES.map((name) => [plainName(name), name]),
  );
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    const plain = plainName(key);
    if (!plain.startsWith(prefix)) continue;
    const rest = plain.slice(prefix.length);
    const name = byPlainName.get(rest);
    if (name === undefined) {
      throw unknownOption("the configuration", key, SETTING_NAMES, rest);
    }
    config[name] = value;
  }
  return config;
}

/**
 * Reads the settings from environment variables: `LOVAGE_BROKER_URL` is
 * `brokerUrl`. Values are text; numbers, `true`, `false`, `null` and lists
 * separated by commas are understood where the setting takes them.
 *
 * @throws {ConfigError} for a variable that names no setting or will not do
 */
export function configFromEnv(
  env: Readonly<Record<string, string | undefined>>,
  prefix: string = "LOVAGE_",
): Config {
  const own = Object.entries(env).filter(([key, value]) =>
    key.startsWith(prefix) && value !== undefined &&
    !FOR_COMMANDS.has(key.slice(prefix.length))
  );
  const config = configFromObject(Object.fromEntries(own), prefix);
  return Object.fromEntries(
    Object.entries(config).map(([name, text]) => [
      name,
      readText(name as keyof Config, text as string),
    ]),
  );
}

/** Variables that commands read, and no app: they are no settings. */
const FOR_COMMANDS: ReadonlySet<string> = new Set([
  "APP",
  "DASHBOARD_BASIC_AUTH",
  "GATEWAY_TOKENS",
]);

/**
 * The variables that ask for other settings than those in force: an app takes
 * none of them unless its code says so.
 */
export function variablesWithoutEffect(
  env: Readonly<Record<string, string | undefined>>,
  settings: Settings,
): readonly string[] {
  return SETTING_NAMES.flatMap((name) => {
    const variable = variableOf(name);
    const text = env[variable];
    if (text === undefined || text === "") return [];
    return isInForce(name, text, settings) ? [] : [variable];
  });
}

/** `brokerUrl` is `LOVAGE_BROKER_URL`. */
function variableOf(setting: string): string {
  return `LOVAGE_${setting.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
}

function isInForce(
  name: keyof Config,
  text: string,
  settings: Settings,
): boolean {
  const value = readText(name, text);
  const [check] = SETTINGS[name];
  return check(value) === null &&
    JSON.stringify(inForce(name, { [name]: value })) ===
      JSON.stringify(settings[name]);
}

/** The first reading of a text that the setting accepts, else the text. */
function readText(name: keyof Config, text: string): unknown {
  const [check] = SETTINGS[name];
  const words: Record<string, unknown> = {
    true: true,
    false: false,
    null: null,
  };
  const readings = [
    ...(Object.hasOwn(words, text) ? [words[text]] : []),
    ...(text.trim() !== "" && Number.isFinite(Number(text))
      ? [Number(text)]
      : []),
    text,
    text.split(",").map((part) => part.trim()),
  ];
  const [first = text] = readings.filter((reading) => check(reading) === null);
  return first;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** A URL as people may see it: passwords, tokens and keys are masked. */
export function maskUrl(url: string): string {
  // A password may hold anything, also what ought to be escaped.
  return url.replace(/(:\/\/[^/@:?#]*):[^?#]*@/, "$1:***@").replace(
    /([?&][^=&#]*(?:pass|secret|token|key)[^=&#]*=)[^&#]*/gi,
    "$1***",
  );
}

/** The settings as people may see them: secrets are masked. */
export function printableSettings(
  settings: Settings,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).map((
      [name, value],
    ) => [name, printable(name, value)]),
  );
}

function printable(name: string, value: unknown): unknown {
  if (name === "store" && value !== null) return (value as Store).address;
  if (name === "outbox" && typeof value === "object" && value !== null) {
    return (value as Store).address;
  }
  if (name === "clock" && value !== null) return show(value);
  return typeof value === "string" ? maskUrl(value) : value;
}
