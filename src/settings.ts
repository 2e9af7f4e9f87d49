/**
 * The settings in force: all that is not given has a default; all that is
 * given is checked.
 *
 * @module
 */

import type { Config, PoolName } from "./config.ts";
import type { Clock } from "./contracts/clock.ts";
import type { Limit } from "./contracts/limits.ts";
import type { Store } from "./contracts/store.ts";
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
} from "./options.ts";
import { checkRoutes } from "./producer/router.ts";
import { isRetryPolicy } from "./retry_policy.ts";
import { checkTimezone } from "./schedules/timing/timezone.ts";
import { isQueueLimits, type QueueLimits, rateWindow } from "./task_limits.ts";

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
    SETTING_NAMES.map((name) => [name, inForce(name, config[name])]),
  ) as unknown as Record<keyof Settings, unknown> as Settings;
  return Object.freeze(checkRelations({
    ...settings,
    resultBackend: settings.resultBackend || settings.brokerUrl,
    taskQueues: settings.taskQueues.length > 0
      ? settings.taskQueues
      : [settings.taskDefaultQueue],
  }));
}

/** Whether a value will do for a setting. */
export function isAccepted(name: keyof Config, value: unknown): boolean {
  const [check] = SETTINGS[name];
  return check(value) === null;
}

/** What is in force for a setting that was given this value, or none. */
export function inForce(name: keyof Config, given: unknown): unknown {
  const [, byDefault, resolve] = SETTINGS[name] as Setting<unknown, unknown>;
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
