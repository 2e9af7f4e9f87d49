/**
 * Entries as they are kept: JSON.
 *
 * @module
 */

import type { ScheduleRecord } from "../contracts/scheduler.ts";
import { ScheduleError } from "../errors.ts";
import { decodeCall } from "../message/json_codec.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import type { CatchUp, Overlap, ScheduleEntry } from "./entry.ts";
import { decodeState } from "./entry_state.ts";
import type { ScheduleJson, ScheduleSpec } from "./timing/schedule.ts";
import { specFromJson } from "./timing/schedule_json.ts";

/** The version that this code reads and writes. */
const VERSION = 1;

/** What an entry says. Times are epoch ms. */
export interface EntryJson {
  /** The version. */
  readonly v: 1;
  /** What is sent. */
  readonly signature: SignatureJson;
  /** The app that has written it, and knows its task; `null` is any. */
  readonly writer: string | null;
  /** Where it goes by the routes of that app. */
  readonly queue: string | null;
  /** With which priority, by the settings of that app. */
  readonly priority: number | null;
  /** When. */
  readonly schedule: ScheduleJson;
  /** The zone that it counts in. */
  readonly timezone: string;
  /** From where relative intervals are counted. */
  readonly anchor: number;
  /** Whether it is sent at all. */
  readonly enabled: boolean;
  /** Whether it is sent once only. */
  readonly oneOff: boolean;
  /** Not before. */
  readonly startAt: number | null;
  /** Not after. */
  readonly endAt: number | null;
  /** What about times that were missed. */
  readonly catchUp: CatchUp;
  /** The most times that are made up for. */
  readonly catchUpLimit: number;
  /** What while the task of the time before is not over. */
  readonly overlap: Overlap;
  /** What it is for. */
  readonly description: string;
  /** The app whose code it is written in; `null` when it is stored only. */
  readonly app: string | null;
  /** Whether the code has it enabled; operators may have changed that. */
  readonly declared: boolean;
}

/**
 * Reads what an entry says. What a newer version has added is passed over.
 *
 * @throws {ScheduleError} when it is no entry, or none of this version
 */
export function decodeEntry(name: string, body: string): EntryJson {
  let value: Partial<EntryJson> | null;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw unreadable(name, `it is not JSON: ${(cause as Error).message}`);
  }
  if (typeof value !== "object" || value === null) {
    throw unreadable(name, "it is no object");
  }
  if (value.v !== VERSION) {
    throw unreadable(name, `it has version ${value.v}, not ${VERSION}`);
  }
  const { signature, schedule, timezone, anchor } = value;
  if (
    typeof signature?.task !== "string" || !Array.isArray(signature.args) ||
    typeof schedule !== "object" || typeof timezone !== "string" ||
    typeof anchor !== "number"
  ) {
    throw unreadable(name, "it lacks its task, schedule or time zone");
  }
  return {
    ...DEFAULTS,
    ...value,
    ...{ v: VERSION, signature, schedule, timezone, anchor },
  };
}

/** What an entry says; `null` where that cannot be read. */
export function readableEntry(
  { name, body }: ScheduleRecord,
): EntryJson | null {
  try {
    return decodeEntry(name, body);
  } catch {
    // Beat says what is wrong with it.
    return null;
  }
}

/** Whether an app knows what an entry sends. */
export function isOfApp({ writer }: EntryJson, app: string): boolean {
  return writer === null || writer === app;
}

/** Where an entry goes by what its own app says. */
export function destinationOf({ queue, priority }: EntryJson): {
  readonly queue?: string;
  readonly priority?: number;
} {
  return {
    ...(queue === null ? {} : { queue }),
    ...(priority === null ? {} : { priority }),
  };
}

/** What is not said. */
export const DEFAULTS = {
  writer: null,
  queue: null,
  priority: null,
  enabled: true,
  oneOff: false,
  startAt: null,
  endAt: null,
  catchUp: "one",
  catchUpLimit: 100,
  overlap: "allow",
  description: "",
  app: null,
  declared: true,
} as const satisfies Partial<EntryJson>;

function unreadable(name: string, why: string): ScheduleError {
  return new ScheduleError(
    `The schedule entry "${name}" cannot be read: ${why}. Write it again, or remove it: lovage schedule remove`,
  );
}

/**
 * An entry for people to read.
 *
 * @throws {ScheduleError} when it cannot be read
 * @throws {DecodeError} when its arguments cannot
 */
export function entryOf(record: ScheduleRecord): ScheduleEntry {
  const json = decodeEntry(record.name, record.body);
  const state = decodeState(record.state);
  const { args, kwargs = {} } = decodeCall(json.signature);
  return {
    name: record.name,
    task: json.signature.task,
    args,
    kwargs,
    options: json.signature.options ?? {},
    schedule: specOf(record.name, json.schedule),
    timezone: json.timezone,
    enabled: json.enabled,
    oneOff: json.oneOff,
    startAt: dateOf(json.startAt),
    endAt: dateOf(json.endAt),
    catchUp: json.catchUp,
    catchUpLimit: json.catchUpLimit,
    overlap: json.overlap,
    description: json.description,
    app: json.app,
    writer: json.writer,
    nextRunAt: dateOf(record.dueAt),
    revision: record.revision,
    lastRunAt: dateOf(state.lastRunAt),
    lastTaskId: state.lastTaskId,
    totalRuns: state.totalRuns,
    skippedRuns: state.skipped,
    missedRuns: state.missed,
  };
}

function specOf(name: string, json: EntryJson["schedule"]): ScheduleSpec {
  try {
    return specFromJson(json);
  } catch (error) {
    throw unreadable(name, (error as Error).message);
  }
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
