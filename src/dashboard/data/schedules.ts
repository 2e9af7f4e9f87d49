/**
 * The schedule entries, and what a schedule would do.
 *
 * @module
 */

import type { Lovage } from "../../app.ts";
import { tickId } from "../../beat/firing.ts";
import { ScheduleError } from "../../errors.ts";
import type { OpenStores } from "../../producer/stores.ts";
import type { ScheduleEntry } from "../../schedules/entry.ts";
import { decodeEntry } from "../../schedules/entry_json.ts";
import { timesOf } from "../../schedules/due.ts";
import { scheduleFromJson } from "../../schedules/timing/evaluate.ts";
import { toSchedule } from "../../schedules/timing/to_schedule.ts";
import { findTask } from "./task.ts";
import { cut, type RowContext, rowOfRecord } from "./task_row.ts";
import type {
  ScheduleDetail,
  SchedulePage,
  SchedulePreview,
  ScheduleRow,
} from "./types/schedules.ts";
import type { TaskRow } from "./types/tasks.ts";

const MOST = 200;
/** So many times to come are shown. */
const COMING = 10;
/** The records of so many past times are looked for. */
const PAST = 30;

/** A page of entries, by name. */
export async function listSchedules(
  app: Lovage,
  { broker }: OpenStores,
  { limit = 50, cursor }: {
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
): Promise<SchedulePage> {
  const most = Math.min(MOST, Math.max(1, limit));
  const [page, leader] = await Promise.all([
    broker.scheduler.list(cursor ?? null, most),
    app.schedules.leader(),
  ]);
  const entries = await Promise.all(
    page.records.map(({ name }) => app.schedules.get(name).catch(() => null)),
  );
  return {
    schedules: entries.flatMap((each) => each === null ? [] : [rowOf(each)]),
    cursor: page.next,
    leader,
  };
}

function rowOf(entry: ScheduleEntry): ScheduleRow {
  const hasKwargs = Object.keys(entry.kwargs).length > 0;
  return {
    name: entry.name,
    task: entry.task,
    args: cut(JSON.stringify(entry.args), 10_000) ?? "[]",
    kwargs: hasKwargs ? JSON.stringify(entry.kwargs) : null,
    spec: entry.schedule.toJSON(),
    when: entry.schedule.describe(),
    timezone: entry.timezone,
    enabled: entry.enabled,
    oneOff: entry.oneOff,
    description: entry.description,
    fixedBy: entry.app,
    lastRunAt: entry.lastRunAt?.getTime() ?? null,
    lastTaskId: entry.lastTaskId,
    totalRuns: entry.totalRuns,
    skippedRuns: entry.skippedRuns,
    missedRuns: entry.missedRuns,
    nextRunAt: entry.nextRunAt?.getTime() ?? null,
  };
}

/** One entry, its times to come, and what came of those that are past. */
export async function findSchedule(
  app: Lovage,
  stores: OpenStores,
  context: RowContext,
  name: string,
): Promise<ScheduleDetail | null> {
  const entry = await app.schedules.get(name);
  if (entry === null) return null;
  const [next, runs] = await Promise.all([
    app.schedules.next(name, COMING),
    runsOf(stores, context, name, entry.lastTaskId),
  ]);
  return {
    ...rowOf(entry),
    options: entry.options,
    startAt: entry.startAt?.getTime() ?? null,
    endAt: entry.endAt?.getTime() ?? null,
    catchUp: entry.catchUp,
    catchUpLimit: entry.catchUpLimit,
    overlap: entry.overlap,
    next: next.map((time) => time.getTime()),
    runs,
  };
}

/** The tasks of past times, whose ids follow from those. */
async function runsOf(
  stores: OpenStores,
  context: RowContext,
  name: string,
  lastTaskId: string | null,
): Promise<readonly TaskRow[]> {
  const { broker, backend } = stores;
  const [record] = await broker.scheduler.fetch([name]);
  if (!record) return [];
  const times = timesOf(decodeEntry(name, record.body));
  const ids: string[] = [];
  let at: number | null = context.now + 1;
  while (ids.length < PAST && (at = times.previous(at)) !== null) {
    ids.push(tickId(name, at));
  }
  if (lastTaskId !== null && !ids.includes(lastTaskId)) {
    ids.unshift(lastTaskId);
  }
  const records = await backend.results.fetch(ids);
  const rows = records.flatMap((each) =>
    each === undefined ? [] : [rowOfRecord(each, context)]
  );
  if (lastTaskId === null || rows.some(({ id }) => id === lastTaskId)) {
    return rows;
  }
  const last = await findTask(stores, context, lastTaskId);
  return last === null ? rows : [last, ...rows];
}

/** What a schedule would do from now on. */
export function previewSchedule(
  now: number,
  defaultTimezone: string,
  { schedule, timezone }: {
    readonly schedule: string;
    readonly timezone?: string | undefined;
  },
): SchedulePreview {
  try {
    const spec = toSchedule(schedule);
    const times = scheduleFromJson(spec.toJSON(), {
      timezone: timezone || defaultTimezone,
      anchor: now,
    });
    const next: number[] = [];
    let at: number | null = now;
    while (next.length < COMING && (at = times.next(at)) !== null) {
      next.push(at);
    }
    return { when: spec.describe(), next, error: null };
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    return { when: "", next: [], error: error.message };
  }
}
