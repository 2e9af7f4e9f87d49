/**
 * What is written when an entry is added or changed.
 *
 * @module
 */

import type { SchedulePut, ScheduleRecord } from "../contracts/scheduler.ts";
import { ScheduleError } from "../errors.ts";
import { dueAfter, timesOf } from "./due.ts";
import { type EntryJson, readableEntry } from "./entry_json.ts";
import { isDueAsBefore, isSameSchedule } from "./same_times.ts";

/**
 * Writes an entry that begins now.
 *
 * @param now epoch ms
 * @throws {ScheduleError} when it has no time to come: it was meant differently
 */
export function firstPut(
  name: string,
  json: EntryJson,
  now: number,
): SchedulePut {
  const times = timesOf(json);
  const first = dueAfter({ ...json, enabled: true }, times, now);
  if (first === null) {
    throw new ScheduleError(
      `The schedule entry "${name}" (${times.describe()}) has no time to come: it lies in the past, or after its endAt`,
    );
  }
  const dueAt = json.enabled ? first : null;
  return { name, body: JSON.stringify(json), dueAt };
}

/**
 * Writes an entry in the place of one that was read. While its times are as
 * they were, one that is due stays due.
 *
 * @param now epoch ms
 * @throws {ScheduleError} when it has no time to come
 */
export function changedPut(
  record: ScheduleRecord,
  written: EntryJson,
  now: number,
): SchedulePut {
  const { name, revision: expected } = record;
  const before = readableEntry(record);
  if (before === null) return { ...firstPut(name, written, now), expected };
  const json = isSameSchedule(before, written)
    ? { ...written, anchor: before.anchor }
    : written;
  if (isDueAsBefore(before, json) || !json.enabled) {
    const dueAt = json.enabled ? record.dueAt : null;
    return { name, body: JSON.stringify(json), dueAt, expected };
  }
  return { ...firstPut(name, json, now), expected };
}

/**
 * The next times of an entry, whether or not it is enabled.
 *
 * @param after epoch ms
 */
export function timesAfter(
  json: EntryJson,
  count: number,
  after: number,
): readonly Date[] {
  const enabled = { ...json, enabled: true };
  const times = timesOf(enabled);
  const found: Date[] = [];
  let at: number | null = after;
  while (found.length < (json.oneOff ? Math.min(count, 1) : count)) {
    at = dueAfter(enabled, times, at);
    if (at === null) break;
    found.push(new Date(at));
  }
  return found;
}
