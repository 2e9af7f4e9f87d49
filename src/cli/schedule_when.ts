/**
 * When an entry is due, as the command line says it: exactly one of the
 * options for it.
 *
 * @module
 */

import type { Command } from "commander";
import { ScheduleError } from "../errors.ts";
import type { Duration, Instant } from "../message/time.ts";
import { show } from "../options.ts";
import { clocked } from "../schedules/timing/clocked.ts";
import { cron } from "../schedules/timing/cron.ts";
import { crontab, type CrontabOptions } from "../schedules/timing/crontab.ts";
import { every } from "../schedules/timing/interval.ts";
import type { ScheduleSpec, SolarEvent } from "../schedules/timing/schedule.ts";
import { solar } from "../schedules/timing/solar.ts";
import { MistakeError, UsageError } from "./errors.ts";
import { decimal, duration, instant } from "./parse.ts";

/** The options as they were given. */
export interface WhenFlags {
  /** A cron expression. */
  readonly cron?: string;
  /** The five fields of Celery's crontab. */
  readonly crontab?: string;
  /** A period. */
  readonly every?: Duration;
  /** Whether the period counts from 1970. */
  readonly aligned?: boolean;
  /** One point in time. */
  readonly at?: Instant;
  /** What the sun does. */
  readonly solar?: string;
  /** Degrees, north is positive. */
  readonly lat?: number;
  /** Degrees, east is positive. */
  readonly lon?: number;
}

const KINDS = ["cron", "crontab", "every", "at", "solar"] as const;

const EXAMPLES =
  `--cron '*/5 8-18 * * mon-fri', --crontab '0 7 * * mon-fri' (Celery's: both day fields must match), --every 10m, --at 2030-05-01T08:00:00Z, or --solar sunrise --lat 52.52 --lon 13.41`;

/** Adds the options. */
export function addWhenOptions(command: Command): Command {
  return command
    .option(
      "--cron <expression>",
      "when: cron's five fields, six with seconds first, or @daily and its kin",
    )
    .option(
      "--crontab <fields>",
      "when: 'm h dom mon dow' in Celery's meaning, where both days must match",
    )
    .option(
      "--every <duration>",
      "when: every so often (30, 10m), counted from now or --start-at",
      duration("--every"),
    )
    .option("--aligned", "count --every from 1970 in UTC: 1h is on the hour")
    .option("--at <time>", "when: once at this time", instant("--at"))
    .option(
      "--solar <event>",
      "when: by the sun (sunrise, sunset, solarNoon, dawnCivil, …)",
    )
    .option(
      "--lat <degrees>",
      "where the sun is looked at; north is positive",
      decimal("--lat", -90, 90),
    )
    .option(
      "--lon <degrees>",
      "where the sun is looked at; east is positive",
      decimal("--lon", -180, 180),
    );
}

/**
 * The schedule that was given; `undefined` when none was.
 *
 * @throws {UsageError} for more than one, or one that will not do
 */
export function scheduleGiven(flags: WhenFlags): ScheduleSpec | undefined {
  const given = KINDS.filter((kind) => flags[kind] !== undefined);
  if (given.length > 1) {
    throw new UsageError(
      `Give one schedule, not ${
        given.map((kind) => `--${kind}`).join(" and ")
      }: ${EXAMPLES}`,
    );
  }
  checkCompanions(flags);
  const [kind] = given;
  return kind === undefined ? undefined : readAs(kind, flags);
}

/**
 * The schedule that was given.
 *
 * @throws {UsageError} for none, for more than one, or one that will not do
 */
export function scheduleWanted(flags: WhenFlags): ScheduleSpec {
  const given = scheduleGiven(flags);
  if (given !== undefined) return given;
  throw new UsageError(`Say when: ${EXAMPLES}`);
}

function checkCompanions({ aligned, every, solar, lat, lon }: WhenFlags): void {
  if (aligned === true && every === undefined) {
    throw new UsageError("--aligned goes with --every");
  }
  const places = [lat, lon].filter((each) => each !== undefined).length;
  if (solar === undefined && places > 0) {
    throw new UsageError("--lat and --lon go with --solar");
  }
  if (solar !== undefined && places < 2) {
    throw new UsageError(
      "--solar needs the place, --lat and --lon: --solar sunrise --lat 52.52 --lon 13.41",
    );
  }
}

function readAs(kind: typeof KINDS[number], flags: WhenFlags): ScheduleSpec {
  const { cron: expression = "", crontab: fields = "", at = "" } = flags;
  const { every: period = 0, aligned, solar: event, lat = 0, lon = 0 } = flags;
  switch (kind) {
    case "cron":
      return checked(() => cron(expression), expression);
    case "crontab":
      return crontabOf(fields);
    case "every":
      return checked(() => every(period, { aligned }));
    case "at":
      return checked(() => clocked(at));
    default:
      return checked(() => solar(event as SolarEvent, lat, lon));
  }
}

/** The fields in their order. */
const FIELDS = [
  "minute",
  "hour",
  "dayOfMonth",
  "monthOfYear",
  "dayOfWeek",
] as const satisfies readonly (keyof CrontabOptions)[];

const DAY = FIELDS.indexOf("dayOfMonth");

function crontabOf(text: string): ScheduleSpec {
  const pieces = [...text.matchAll(/\S+/g)];
  if (pieces.length !== FIELDS.length) {
    throw new UsageError(
      `--crontab must be five fields (minute, hour, day of the month, month, day of the week), but ${
        show(text)
      } has ${pieces.length}`,
    );
  }
  const values = pieces.map(({ 0: value }) => value);
  // Each by itself, to know in which of them the mistake is.
  for (const [at, name] of FIELDS.entries()) {
    const start = pieces[at]?.index ?? 0;
    checked(() => crontab({ [name]: values[at] }), text, start);
  }
  const [minute, hour, dayOfMonth, monthOfYear, dayOfWeek] = values;
  return checked(
    () => crontab({ minute, hour, dayOfMonth, monthOfYear, dayOfWeek }),
    text,
    // What is left to be wrong is a day that none of the months has.
    pieces[DAY]?.index,
  );
}

/** Shows in the text where the mistake is. */
function checked(
  read: () => ScheduleSpec,
  text: string = "",
  start: number = 0,
): ScheduleSpec {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    const { message, position } = error;
    throw text === "" || position === undefined
      ? new UsageError(message)
      : new MistakeError(message, text, start + position);
  }
}
