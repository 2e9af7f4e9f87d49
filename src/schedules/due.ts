/**
 * When entries are due. Apart from what writes them: only here cron arithmetic
 * is needed, which bundles of producers do without.
 *
 * @module
 */

import type { EntryJson } from "./entry_json.ts";
import { scheduleFromJson } from "./timing/evaluate.ts";
import type { Schedule } from "./timing/schedule.ts";

/**
 * The schedule of an entry, ready to be asked.
 *
 * @throws {ScheduleError} when it is none of this version
 */
export function timesOf(json: EntryJson): Schedule {
  const { timezone, anchor } = json;
  return scheduleFromJson(json.schedule, { timezone, anchor });
}

/**
 * When an entry is due first after a time; `null` when never.
 *
 * @param after epoch ms
 */
export function dueAfter(
  json: EntryJson,
  times: Schedule,
  after: number,
): number | null {
  if (!json.enabled) return null;
  const { startAt, endAt } = json;
  const next = times.next(Math.max(after, (startAt ?? -Infinity) - 1));
  return next === null || (endAt !== null && next > endAt) ? null : next;
}
