/**
 * What the rooms of Lovage know of an app beyond its public face.
 *
 * @module
 */

import type { Settings } from "./settings.ts";
import type { Clock } from "./contracts/clock.ts";
import type { Hooks, Middleware } from "./events.ts";
import type { Outbox } from "./producer/outbox.ts";
import type { Producer } from "./producer/producer.ts";
import type { ResultWaiter } from "./producer/result_waiter.ts";
import type { Stores } from "./producer/stores.ts";
import type { StaticEntries } from "./schedules/static_entries.ts";
import type { AnyTask } from "./task.ts";
import type { TelemetrySlot } from "./telemetry/telemetry.ts";

/** The parts of an app. */
export interface Internals {
  /** The app's name. */
  readonly name: string;
  /** The settings in force. */
  settings(): Settings;
  /** Where time comes from. */
  clock(): Clock;
  /** The registered tasks, by name. */
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Listeners. */
  readonly hooks: Hooks;
  /** Middleware, outermost first. */
  readonly middleware: readonly Middleware[];
  /** Traces and measures, once somebody wants that. */
  readonly telemetry: TelemetrySlot;
  /** The stores, opened on first use. */
  readonly stores: Stores;
  /** Keeps what is sent on commit. */
  readonly outbox: Outbox;
  /** The schedule entries of the app's code. */
  readonly staticEntries: StaticEntries;
  /** Sends. */
  readonly producer: Producer;
  /** Waits for results. */
  readonly waiter: ResultWaiter;
}

const INTERNALS = new WeakMap<object, Internals>();

/** Keeps the parts of an app. */
export function registerInternals(app: object, internals: Internals): void {
  INTERNALS.set(app, internals);
}

/**
 * The parts of an app.
 *
 * @throws {TypeError} when it is no app of this version of Lovage
 */
export function internalsOf(app: object): Internals {
  const internals = INTERNALS.get(app);
  if (internals === undefined) {
    throw new TypeError(
      "Not a Lovage app of this version: the app and the code that runs it must import the same version of @lovage/lovage",
    );
  }
  return internals;
}

/** Whether a value is an app of this version of Lovage. */
export function isApp(value: unknown): value is object {
  return typeof value === "object" && value !== null && INTERNALS.has(value);
}
