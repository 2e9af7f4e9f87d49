/**
 * Cron monitors: Sentry hears when a periodic task begins and how it ends, and
 * raises an alarm when one does not come.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { ScheduleEntry } from "../schedules/entry.ts";
import type { ScheduleJson } from "../schedules/timing/schedule.ts";
import type { SentrySchedule, SentrySdk } from "./sdk.ts";

const MINUTE = 60_000;
/** What a monitor can count in, the longest first. */
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", MINUTE],
] as const;

/** A check-in that has begun. */
export type EndCheckIn = (status: "ok" | "error") => void;

/** Tells Sentry of periodic tasks. */
export class Monitors {
  readonly #app: Lovage;
  readonly #sdk: SentrySdk;

  /** Nothing is told yet. */
  constructor(app: Lovage, sdk: SentrySdk) {
    this.#app = app;
    this.#sdk = sdk;
  }

  /**
   * Says that the task of an entry begins.
   *
   * @returns what says how it ended; `null` where Sentry has no monitor that
   * could be meant
   */
  async begin(entryName: string): Promise<EndCheckIn | null> {
    const entry = await this.#entry(entryName);
    const schedule = entry === null
      ? null
      : sentrySchedule(entry.schedule.toJSON());
    if (entry === null || schedule === null) return null;
    const monitorSlug = slugOf(entryName);
    const begun = performance.now();
    const checkInId = this.#sdk.captureCheckIn(
      { monitorSlug, status: "in_progress" },
      { schedule, timezone: entry.timezone },
    );
    return (status) => {
      const duration = (performance.now() - begun) / 1_000;
      this.#sdk.captureCheckIn({ monitorSlug, status, checkInId, duration });
    };
  }

  /** A task must not fail because its entry cannot be looked up. */
  async #entry(name: string): Promise<ScheduleEntry | null> {
    try {
      return await this.#app.schedules.get(name) ?? null;
    } catch {
      return null;
    }
  }
}

/** The name of a monitor: Sentry takes small letters, digits, - and _. */
export function slugOf(entryName: string): string {
  return entryName.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-").slice(0, 50);
}

/** A schedule as Sentry has it; `null` for what it has no words for. */
export function sentrySchedule(json: ScheduleJson): SentrySchedule | null {
  switch (json.kind) {
    case "crontab": {
      const { minute, hour, dayOfMonth, monthOfYear, dayOfWeek } = json;
      // In cron, of two day fields one is enough; here both must match.
      if (dayOfMonth !== "*" && dayOfWeek !== "*") return null;
      return {
        type: "crontab",
        value: [minute, hour, dayOfMonth, monthOfYear, dayOfWeek]
          .map((field) => field.replaceAll(/\s+/g, "")).join(" "),
      };
    }
    case "cron":
      return /^(\S+ ){4}\S+$|^@/.test(json.expression)
        ? { type: "crontab", value: json.expression }
        : null;
    case "interval": {
      const [unit, ms] = UNITS.find(([, ms]) => json.every % ms === 0) ?? [];
      return unit === undefined || ms === undefined
        ? null
        : { type: "interval", value: json.every / ms, unit };
    }
    default:
      return null;
  }
}
