/**
 * From what a user writes to what is kept: everything is checked here, where
 * it is written.
 *
 * @module
 */

import { ScheduleError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeCall } from "../message/json_codec.ts";
import { parseInstant } from "../message/time.ts";
import {
  checkOptions,
  type Checks,
  isBoolean,
  isInstant,
  isInteger,
  isName,
  isObject,
  isOneOf,
  nearest,
  orNull,
  show,
} from "../options.ts";
import { type AnySignature, Signature } from "../producer/signature.ts";
import { checkArguments } from "../producer/validate.ts";
import type { EntryInput } from "./entry.ts";
import { DEFAULTS, type EntryJson } from "./entry_json.ts";
import type { ScheduleJson } from "./timing/schedule.ts";
import { checkTimezone } from "./timing/timezone.ts";
import { toSchedule } from "./timing/to_schedule.ts";

/** The longest name: a task's id is made of it and a time. */
const MAX_NAME_LENGTH = 200;

const CHECKS: Checks<EntryInput> = {
  task: (value) =>
    value instanceof Signature || isName(value) === null
      ? null
      : "the name of a task or a signature, such as report.s()",
  // It says itself what is wrong with it.
  schedule: (value) =>
    value === undefined ? 'a schedule, such as every("10m")' : null,
  args: (value) => Array.isArray(value) ? null : "an array of arguments",
  kwargs: isObject,
  options: isObject,
  timezone: (value) =>
    typeof value === "string" ? null : 'a time zone, such as "Europe/Berlin"',
  enabled: isBoolean,
  oneOff: isBoolean,
  startAt: orNull(isInstant),
  endAt: orNull(isInstant),
  catchUp: isOneOf("skip", "one", "all"),
  catchUpLimit: isInteger(1, 10_000),
  overlap: isOneOf("allow", "skip", "replace"),
  description: (value) => typeof value === "string" ? null : "text",
};

/**
 * Refuses what cannot be the name of an entry.
 *
 * @throws {ScheduleError} saying what was given
 */
export function checkEntryName(name: unknown): asserts name is string {
  if (isName(name) === null && (name as string).length <= MAX_NAME_LENGTH) {
    return;
  }
  throw new ScheduleError(
    `A schedule entry needs a name of 1 to ${MAX_NAME_LENGTH} characters without control characters, but was given ${
      show(name)
    }`,
  );
}

/**
 * What is kept of an entry that a user writes.
 *
 * @param now epoch ms; relative intervals are counted from here, unless the
 * entry has a `startAt`
 * @throws {ScheduleError} for a schedule, a zone or times that will not do
 * @throws {ConfigError} for an option that will not do
 * @throws {EncodeError} for arguments that cannot be sent
 */
export function writeEntry(
  app: Internals,
  name: string,
  input: EntryInput,
  now: number,
): EntryJson {
  checkEntryName(name);
  const what = `the schedule entry "${name}"`;
  if (isObject(input) !== null) {
    throw new ScheduleError(
      `${what} must be an object, such as { task: "reports.send", schedule: "@daily" }, but it is ${
        show(input)
      }`,
    );
  }
  checkOptions(what, input, CHECKS);
  for (const needed of ["task", "schedule"] as const) {
    if (input[needed] !== undefined) continue;
    throw new ScheduleError(`${what} has no ${needed}`);
  }
  const spec = within(what, () => toSchedule(input.schedule));
  const timezone = input.timezone ?? spec.timezone ?? app.settings().timezone;
  within(what, () => checkTimezone(timezone));
  const startAt = instant(input.startAt, "startAt");
  const endAt = instant(input.endAt, "endAt");
  if (startAt !== null && endAt !== null && endAt < startAt) {
    throw new ScheduleError(`${what} ends (endAt) before it starts (startAt)`);
  }
  const schedule = zoned(spec.toJSON(), timezone);
  const enabled = input.enabled ?? DEFAULTS.enabled;
  const signature = signatureOf(app, what, input);
  const { task, args, options } = signature;
  const { queue, priority } = app.producer.envelope(task, args, options);
  return {
    v: 1,
    signature: signature.toJSON(),
    writer: app.name,
    queue,
    priority,
    schedule,
    timezone,
    anchor: anchorOf(schedule, startAt, now),
    enabled,
    oneOff: input.oneOff ?? DEFAULTS.oneOff,
    startAt,
    endAt,
    catchUp: input.catchUp ?? DEFAULTS.catchUp,
    catchUpLimit: input.catchUpLimit ?? DEFAULTS.catchUpLimit,
    overlap: input.overlap ?? DEFAULTS.overlap,
    description: input.description ?? DEFAULTS.description,
    app: null,
    declared: enabled,
  };
}

/**
 * Makes sure that the task of an entry is one of the app's.
 *
 * @throws {ScheduleError} naming the task and what is like it
 */
export function checkEntryTask(
  app: Internals,
  name: string,
  { signature: { task } }: EntryJson,
): void {
  if (app.tasks.has(task)) return;
  const near = nearest(task, [...app.tasks.keys()]);
  throw new ScheduleError(
    `The schedule entry "${name}" names the task "${task}", which app "${app.name}" does not have. ${
      near === undefined
        ? "Register the task, or correct the name"
        : `Did you mean "${near}"?`
    }`,
  );
}

/**
 * Checks the arguments of an entry against the schema of its task.
 *
 * @throws {ValidationError} naming the argument and what was wrong
 */
export async function checkEntryArguments(
  app: Internals,
  { signature }: EntryJson,
): Promise<void> {
  const { args, kwargs } = decodeCall(signature);
  await checkArguments(app.tasks.get(signature.task), args, { kwargs });
}

/** Options of a call that would have no effect. */
const NEVER = ["eta", "taskId", "tx", "retry", "retryPolicy"] as const;

function signatureOf(
  app: Internals,
  what: string,
  { task, args = [], kwargs, options = {} }: EntryInput,
): AnySignature {
  const all = { ...options, ...(kwargs === undefined ? {} : { kwargs }) };
  if (typeof task !== "string" && args.length > 0) {
    throw new ScheduleError(
      `${what} has both a signature and args: give the arguments to the signature`,
    );
  }
  const signature = typeof task === "string"
    ? new Signature(app.producer, task, args, all)
    : task.set(all);
  for (const never of NEVER) {
    if (signature.options[never] === undefined) continue;
    throw new ScheduleError(
      `${what} has the option "${never}": beat decides when it is sent, under which id, and how often that is tried`,
    );
  }
  return signature;
}

function instant(
  given: EntryInput["startAt"],
  what: string,
): number | null {
  return given === undefined || given === null
    ? null
    : parseInstant(given, what);
}

// The first time of an interval that has a start is the start.
function anchorOf(
  schedule: ScheduleJson,
  startAt: number | null,
  now: number,
): number {
  return startAt !== null && schedule.kind === "interval"
    ? startAt - schedule.every
    : now;
}

// The zone of an entry stands above that of its schedule.
function zoned(json: ScheduleJson, timezone: string): ScheduleJson {
  return "timezone" in json ? { ...json, timezone } : json;
}

/** Says in whose schedule a mistake is. */
function within<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    const { message, position } = error;
    throw new ScheduleError(`${what}: ${message}`, { position });
  }
}
