/**
 * The options of `lovage schedule add` and `edit`, and what they mean for an
 * entry.
 *
 * @module
 */

import type { Command } from "commander";
import { ScheduleError } from "../errors.ts";
import { type Duration, type Instant, parseInstant } from "../message/time.ts";
import type {
  CatchUp,
  EntryCallOptions,
  EntryInput,
  Overlap,
} from "../schedules/entry.ts";
import { checkTimezone } from "../schedules/timing/timezone.ts";
import { UsageError } from "./errors.ts";
import {
  duration,
  durationOrInstant,
  instant,
  integer,
  jsonArray,
  jsonObject,
  oneOf,
} from "./parse.ts";
import { addWhenOptions, type WhenFlags } from "./schedule_when.ts";

/** The options as they were given. */
export interface EntryFlags extends WhenFlags {
  /** The arguments. */
  readonly args?: readonly unknown[];
  /** The keyword arguments. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** The time zone. */
  readonly timezone?: string;
  /** The queue. */
  readonly queue?: string;
  /** 0 (first) to 9. */
  readonly priority?: number;
  /** When a task that was sent is out of date. */
  readonly expires?: Duration | Instant;
  /** How long a task that was sent waits. */
  readonly countdown?: Duration;
  /** Values beside the arguments. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Whether it is sent once only. */
  readonly oneOff?: boolean;
  /** Not before. */
  readonly startAt?: Instant;
  /** Not after. */
  readonly endAt?: Instant;
  /** What about missed times. */
  readonly catchUp?: CatchUp;
  /** The most times that are made up for. */
  readonly catchUpLimit?: number;
  /** What while the task before is not over. */
  readonly overlap?: Overlap;
  /** Whether it is not sent for now. */
  readonly disabled?: boolean;
  /** What it is for. */
  readonly description?: string;
}

/** Adds the options. */
export function addEntryOptions(command: Command): Command {
  return addBehaviour(addSending(addWhenOptions(command)));
}

function addSending(command: Command): Command {
  return command
    .option("-a, --args <json>", "arguments, a JSON array", jsonArray("--args"))
    .option(
      "-k, --kwargs <json>",
      "keyword arguments, a JSON object; they arrive as the last argument",
      jsonObject("--kwargs"),
    )
    .option("--queue <name>", "queue, instead of where it is routed")
    .option(
      "--priority <number>",
      "0 (first) to 9",
      integer("--priority", 0, 9),
    )
    .option(
      "--expires <when>",
      "do not start it later than this (a time, or a duration after it was sent)",
      durationOrInstant("--expires"),
    )
    .option(
      "--countdown <duration>",
      "run it no sooner than this after it was sent",
      duration("--countdown"),
    )
    .option(
      "--headers <json>",
      "values beside the arguments, a JSON object",
      jsonObject("--headers"),
    );
}

function addBehaviour(command: Command): Command {
  return command
    .option(
      "--timezone <zone>",
      "IANA time zone that the schedule counts in; otherwise the app's",
      timezone,
    )
    .option("--one-off", "send it once and then never again")
    .option("--start-at <time>", "not before this time", instant("--start-at"))
    .option("--end-at <time>", "not after this time", instant("--end-at"))
    .option(
      "--catch-up <how>",
      "times missed while no beat ran: skip them, make up by one, or by all",
      oneOf<CatchUp>("--catch-up", ["skip", "one", "all"]),
    )
    .option(
      "--catch-up-limit <number>",
      "the most times that --catch-up all makes up for",
      integer("--catch-up-limit", 1, 10_000),
    )
    .option(
      "--overlap <how>",
      "while the task of the time before is not over: allow, skip or replace it",
      oneOf<Overlap>("--overlap", ["allow", "skip", "replace"]),
    )
    .option("--disabled", "do not send it until it is enabled")
    .option("--description <text>", "what it is for");
}

function timezone(text: string): string {
  try {
    checkTimezone(text);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new UsageError(`--timezone: ${error.message}`);
  }
  return text;
}

/**
 * What the options say of an entry, apart from task and schedule; what was
 * not given is left out.
 *
 * @throws {UsageError} when it ends before it starts
 */
export function inputGiven(
  flags: EntryFlags,
): Partial<Omit<EntryInput, "options">> {
  const { startAt, endAt } = flags;
  if (
    startAt !== undefined && endAt !== undefined &&
    parseInstant(endAt, "--end-at") < parseInstant(startAt, "--start-at")
  ) {
    throw new UsageError("--end-at lies before --start-at");
  }
  const { args, kwargs, timezone, oneOff, description } = flags;
  const { catchUp, catchUpLimit, overlap, disabled } = flags;
  return known({
    ...{ args, kwargs, timezone, oneOff, startAt, endAt, description },
    ...{ catchUp, catchUpLimit, overlap },
    enabled: disabled === true ? false : undefined,
  });
}

/** What the options say of how it is sent. */
export function callOptionsGiven(flags: EntryFlags): EntryCallOptions {
  const { queue, priority, expires, countdown, headers } = flags;
  return known({ queue, priority, expires, countdown, headers });
}

/** What was given. */
export function known<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
