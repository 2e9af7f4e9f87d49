/**
 * Compares the entries of an app's code with what is stored.
 *
 * @module
 */

import type { SchedulePut, ScheduleRecord } from "../contracts/scheduler.ts";
import { dueAfter, timesOf } from "./due.ts";
import { type EntryJson, readableEntry } from "./entry_json.ts";
import { isDueAsBefore, isSameSchedule } from "./same_times.ts";

/** What is to be done so that the store has what the code says. */
export interface Merge {
  /** Entries that are new or were changed. */
  readonly puts: readonly SchedulePut[];
  /** Entries that the code does not have any more. */
  readonly removed: readonly string[];
  /** Entries whose names belong to the code of another app already. */
  readonly taken: readonly { readonly name: string; readonly app: string }[];
}

/**
 * Compares what the code says with what is stored. What an operator switched
 * off stays off, until the code itself says otherwise.
 *
 * @param app the name of the app whose code it is
 */
export function mergeStatic(
  app: string,
  written: ReadonlyMap<string, EntryJson>,
  stored: ReadonlyMap<string, ScheduleRecord>,
  now: number,
): Merge {
  const puts: SchedulePut[] = [];
  const taken: { name: string; app: string }[] = [];
  for (const [name, json] of written) {
    const record = stored.get(name);
    const owner = record === undefined ? null : appOf(record);
    if (owner !== null && owner !== app) {
      taken.push({ name, app: owner });
      continue;
    }
    const put = record === undefined
      ? { name, body: JSON.stringify(json), dueAt: firstDue(json, now) }
      : changed(record, json, now);
    if (put !== null) puts.push({ ...put, expected: record?.revision ?? null });
  }
  const removed = [...stored.values()].filter((record) =>
    !written.has(record.name) && appOf(record) === app
  );
  return { puts, removed: removed.map(({ name }) => name), taken };
}

function changed(
  record: ScheduleRecord,
  written: EntryJson,
  now: number,
): SchedulePut | null {
  const { name } = record;
  const before = readableEntry(record);
  const json = {
    ...written,
    enabled: before?.declared === written.declared
      ? before.enabled
      : written.enabled,
    anchor: before !== null && isSameSchedule(before, written)
      ? before.anchor
      : written.anchor,
  };
  const body = JSON.stringify(json);
  if (body === record.body) return null;
  const dueAt = before !== null && isDueAsBefore(before, json)
    ? record.dueAt
    : firstDue(json, now);
  return { name, body, dueAt };
}

function firstDue(json: EntryJson, now: number): number | null {
  return dueAfter(json, timesOf(json), now);
}

function appOf(record: ScheduleRecord): string | null {
  return readableEntry(record)?.app ?? null;
}
