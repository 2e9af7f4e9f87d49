/**
 * What a schedule is: as it is written, as it is kept, and as it is asked for
 * times.
 *
 * @module
 */

/** The kinds of schedules. */
export type ScheduleKind =
  | "crontab"
  | "cron"
  | "interval"
  | "clocked"
  | "solar";

/** A schedule as a user writes it: checked, and immutable. */
export interface ScheduleSpec {
  /** What kind it is. */
  readonly kind: ScheduleKind;
  /** The IANA time zone it was given; `null` stands for the app's. */
  readonly timezone: string | null;
  /** The schedule as plain JSON, which reads back equal. */
  toJSON(): ScheduleJson;
  /** A short text for lists: `0 8-18 * * mon-fri`, `every 10m`. */
  describe(): string;
}

/** When something happens, in epoch ms. */
export interface Occurrences {
  /** The first time after another one; `null` when there is none. */
  next(after: number): number | null;
  /** The last time before another one; `null` when there is none. */
  previous(before: number): number | null;
}

/** A schedule that can be asked for its times. */
export interface Schedule extends ScheduleSpec, Occurrences {}

/** A `crontab()` as JSON. */
export interface CrontabJson {
  /** What kind it is. */
  readonly kind: "crontab";
  /** Its minutes. */
  readonly minute: string;
  /** Its hours. */
  readonly hour: string;
  /** Its days of the week. */
  readonly dayOfWeek: string;
  /** Its days of the month. */
  readonly dayOfMonth: string;
  /** Its months. */
  readonly monthOfYear: string;
  /** Its time zone; `null` stands for the app's. */
  readonly timezone: string | null;
}

/** A `cron()` as JSON. */
export interface CronJson {
  /** What kind it is. */
  readonly kind: "cron";
  /** The expression, its fields one space apart. */
  readonly expression: string;
  /** Its time zone; `null` stands for the app's. */
  readonly timezone: string | null;
}

/** An `every()` as JSON. */
export interface IntervalJson {
  /** What kind it is. */
  readonly kind: "interval";
  /** The period in ms. */
  readonly every: number;
  /** Whether it is counted from 1970, not from where the entry began. */
  readonly aligned: boolean;
}

/** A `clocked()` as JSON. */
export interface ClockedJson {
  /** What kind it is. */
  readonly kind: "clocked";
  /** The one time, epoch ms. */
  readonly at: number;
}

/** A `solar()` as JSON. */
export interface SolarJson {
  /** What kind it is. */
  readonly kind: "solar";
  /** What the sun does. */
  readonly event: SolarEvent;
  /** Degrees, north is positive. */
  readonly latitude: number;
  /** Degrees, east is positive. */
  readonly longitude: number;
}

/** Any schedule as JSON. */
export type ScheduleJson =
  | CrontabJson
  | CronJson
  | IntervalJson
  | ClockedJson
  | SolarJson;

/** What the sun does, in the order of a day. */
export type SolarEvent =
  | "dawnAstronomical"
  | "dawnNautical"
  | "dawnCivil"
  | "sunrise"
  | "solarNoon"
  | "sunset"
  | "duskCivil"
  | "duskNautical"
  | "duskAstronomical";
