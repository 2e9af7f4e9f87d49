/**
 * From an entry that is due to its firing: which tasks are sent, and what is
 * kept of that.
 *
 * @module
 */

import type { Firing } from "../contracts/scheduler.ts";
import type { Message } from "../contracts/broker.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import { signatureFromJson } from "../producer/signature.ts";
import { dueAfter } from "../schedules/due.ts";
import {
  decodeState,
  encodeState,
  type EntryState,
} from "../schedules/entry_state.ts";
import { withEntryHeader } from "../schedules/entry_header.ts";
import { type Ticks, ticksOf } from "../schedules/ticks.ts";
import { destinationOf, isOfApp } from "../schedules/entry_json.ts";
import type { Item } from "./agenda.ts";

/** What an entry means now. */
export interface Plan {
  /** The entry. */
  readonly item: Item;
  /** When it was made: the store's time, epoch ms. */
  readonly now: number;
  /** The times that are sent for. */
  readonly sent: readonly number[];
  /** How many times are left out because the task before is not over. */
  readonly skipped: number;
  /** How many times are left out because no beat ran. */
  readonly missed: number;
  /** The latest time that is over with it. */
  readonly doneUntil: number;
  /** When it is due next; `null` when it is not. */
  readonly nextAt: number | null;
  /** A task that is to make room first. */
  readonly replaces: string | null;
}

/** What a plan depends on. */
export interface PlanContext {
  /** The store's time, epoch ms. */
  readonly now: number;
  /** How late a time still counts with `catchUp: "skip"`, in ms. */
  readonly deadline: number;
  /** Whether the task that was sent last is not over yet. */
  readonly isRunning: boolean;
}

/** Decides what an entry that is due means. */
export function planOf(item: Item, context: PlanContext): Plan {
  const { now, isRunning } = context;
  const { record, json } = item;
  const before = decodeState(record.state);
  const ticks = freshTicks(item, before, context);
  const sent = json.overlap === "allow"
    ? ticks.sent
    : isRunning && json.overlap === "skip"
    ? []
    // Several at a time would overlap each other.
    : ticks.sent.slice(-1);
  return {
    item,
    now,
    sent,
    skipped: ticks.sent.length - sent.length,
    missed: ticks.missed,
    doneUntil: ticks.newest,
    // Left out, a one-off is not done yet.
    nextAt: json.oneOff && sent.length > 0 ? null : ticks.nextAt,
    replaces: isRunning && json.overlap === "replace" && sent.length > 0
      ? before.lastTaskId
      : null,
  };
}

// Who changes an entry while it is fired, or by a clock that is behind, writes
// a due time that is over already.
function freshTicks(
  { record, json, times }: Item,
  { doneUntil }: EntryState,
  { now, deadline }: PlanContext,
): Ticks {
  const dueAt = record.dueAt ?? now;
  if (doneUntil === null || dueAt > doneUntil || doneUntil > now) {
    return ticksOf(json, times, dueAt, now, deadline);
  }
  const next = json.oneOff ? null : dueAfter(json, times, doneUntil);
  return next === null || next > now
    ? { sent: [], missed: 0, newest: doneUntil, nextAt: next }
    : ticksOf(json, times, next, now, deadline);
}

/**
 * The id of the task that an entry sends for a time: whoever sends it, it is
 * the same task.
 */
export function tickId(name: string, tick: number): string {
  return `${name}@${new Date(tick).toISOString().replace(".000Z", "Z")}`;
}

/**
 * The envelopes of a plan.
 *
 * @throws {DecodeError} when the arguments of the entry cannot be read
 * @throws {ConfigError} when an option of it will not do
 */
export function envelopesOf(app: Internals, { item, sent }: Plan): Envelope[] {
  const { producer } = app;
  const { record, json } = item;
  const { task, args, options } = signatureFromJson(producer, json.signature);
  // The leading beat sends for all apps: of another one it knows no routes.
  const routed = isOfApp(json, app.name)
    ? options
    : { ...destinationOf(json), ...options };
  const named = withEntryHeader(routed, record.name);
  return sent.map((tick) =>
    producer.envelope(task, args, {
      ...named,
      taskId: tickId(record.name, tick),
    })
  );
}

/**
 * The firing of a plan.
 *
 * @param messages what the middleware has left of it
 */
export function firingOf(plan: Plan, messages: readonly Message[]): Firing {
  const { item: { record }, now, skipped, missed, doneUntil, nextAt } = plan;
  const before = decodeState(record.state);
  const last = messages.at(-1);
  return {
    name: record.name,
    revision: record.revision,
    dueAt: record.dueAt ?? now,
    nextAt,
    state: encodeState({
      lastRunAt: last === undefined ? before.lastRunAt : now,
      lastTaskId: last?.id ?? before.lastTaskId,
      totalRuns: before.totalRuns + messages.length,
      skipped: before.skipped + skipped,
      missed: before.missed + missed,
      doneUntil,
    }),
    messages,
  };
}
