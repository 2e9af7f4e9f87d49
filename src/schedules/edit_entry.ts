/**
 * Changes of a schedule entry: what is not given stays as it is stored.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import { signatureFromJson } from "../producer/signature.ts";
import type { EntryInput } from "./entry.ts";
import type { EntryJson } from "./entry_json.ts";
import type { ScheduleSpec } from "./timing/schedule.ts";
import { specFromJson } from "./timing/schedule_json.ts";

/** A stored entry with what a change puts in its place. */
export function editedEntry(
  app: Internals,
  stored: EntryJson,
  changes: Partial<EntryInput>,
): EntryInput {
  const before = inputOf(app, stored);
  const given: Partial<EntryInput> = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  );
  // A signature brings its arguments and options, a schedule its time zone.
  const call = typeof given.task === "object"
    ? { args: undefined, kwargs: undefined, options: undefined }
    : {};
  const { timezone } = given.schedule as Partial<ScheduleSpec> ?? {};
  return {
    ...before,
    ...call,
    timezone: timezone ?? before.timezone,
    ...given,
  };
}

/** A stored entry as it could have been written. */
function inputOf(app: Internals, json: EntryJson): EntryInput {
  const { signature, schedule, timezone, startAt, endAt } = json;
  const { oneOff, catchUp, catchUpLimit, overlap, description } = json;
  const { task, args, options: all } = signatureFromJson(
    app.producer,
    signature,
  );
  const { kwargs, ...options } = all;
  return {
    ...{ task, args, kwargs, options },
    schedule: specFromJson(schedule),
    ...{ timezone, oneOff, catchUp, catchUpLimit, overlap, description },
    startAt: startAt === null ? null : new Date(startAt),
    endAt: endAt === null ? null : new Date(endAt),
  };
}
