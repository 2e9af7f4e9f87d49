/**
 * Which times of an entry are to be made true now, and which are missed.
 *
 * @module
 */

import type { EntryJson } from "./entry_json.ts";
import type { Schedule } from "./timing/schedule.ts";

/** What is due of an entry. */
export interface Ticks {
  /** The times to send for, in their order. */
  readonly sent: readonly number[];
  /** How many times are left out, as far as they were counted. */
  readonly missed: number;
  /** The latest of the times that are over with this. */
  readonly newest: number;
  /** When it is due next; `null` when never again. */
  readonly nextAt: number | null;
}

/**
 * What is due of an entry that is due.
 *
 * @param dueAt since when it is due, epoch ms
 * @param now epoch ms
 * @param deadline how late a time still counts with `catchUp: "skip"`, in ms
 */
export function ticksOf(
  entry: EntryJson,
  times: Schedule,
  dueAt: number,
  now: number,
  deadline: number,
): Ticks {
  const end = Math.min(now, entry.endAt ?? Infinity);
  const passed = latest(entry, times, dueAt, end);
  const [newest = dueAt] = passed;
  const sent = entry.catchUp === "skip" && now - newest > deadline
    ? []
    : entry.catchUp === "all" && !entry.oneOff
    ? passed.slice(0, entry.catchUpLimit).reverse()
    : [newest];
  const next = times.next(Math.max(newest, dueAt));
  const isOver = next === null || (entry.endAt !== null && next > entry.endAt);
  return {
    sent,
    missed: passed.length - sent.length,
    newest,
    nextAt: isOver ? null : next,
  };
}

/** So many of the times that are left out are counted. */
const COUNTED = 100;

/** The times from the due one to the end, the latest first. */
function latest(
  { catchUp, catchUpLimit }: EntryJson,
  times: Schedule,
  dueAt: number,
  end: number,
): number[] {
  const next = times.next(dueAt);
  if (next === null || next > end) return [dueAt];
  const most = catchUp === "all" ? catchUpLimit : 0;
  const passed: number[] = [];
  let at = times.previous(end + 1);
  while (at !== null && at >= dueAt && passed.length < most + COUNTED) {
    passed.push(at);
    at = times.previous(at);
  }
  return passed.length === 0 ? [dueAt] : passed;
}
