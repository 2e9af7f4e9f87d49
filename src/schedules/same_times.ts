/**
 * Whether a change of an entry changes when it is due.
 *
 * @module
 */

import type { EntryJson } from "./entry_json.ts";

/**
 * Whether a change of an entry leaves its times as they are, so that one that
 * is due stays due.
 */
export function isDueAsBefore(before: EntryJson, after: EntryJson): boolean {
  return before.enabled === after.enabled && before.anchor === after.anchor &&
    before.startAt === after.startAt && before.endAt === after.endAt &&
    before.oneOff === after.oneOff && isSameSchedule(before, after);
}

/** Whether two entries have the same times, apart from where they begin. */
export function isSameSchedule(one: EntryJson, other: EntryJson): boolean {
  return one.timezone === other.timezone && one.startAt === other.startAt &&
    JSON.stringify(one.schedule) === JSON.stringify(other.schedule);
}
