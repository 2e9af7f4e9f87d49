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
import { decodeState, encodeState } from "../schedules/entry_state.ts";
import { withEntryHeader } from "../schedules/schedules.ts";
import { ticksOf } from "../schedules/ticks.ts";
import type { Item } from "./agenda.ts";

/** What an entry means now. */
export interface Plan {
  /** The entry. */
  readonly item: Item;
  /** The times that are sent for. */
  readonly sent: readonly number[];
  /** Its firing, without messages. */
  readonly firing: Omit<Firing, "messages">;
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
  const { now, deadline, isRunning } = context;
  const { record, json, times } = item;
  const { name, revision } = record;
  const dueAt = record.dueAt ?? now;
  const ticks = ticksOf(json, times, dueAt, now, deadline);
  const allowed = json.overlap === "allow"
    ? ticks.sent
    : isRunning && json.overlap === "skip"
    ? []
    // Several at a time would overlap each other.
    : ticks.sent.slice(-1);
  const before = decodeState(record.state);
  const last = allowed.at(-1);
  const state = {
    lastRunAt: last === undefined ? before.lastRunAt : now,
    lastTaskId: last === undefined ? before.lastTaskId : tickId(name, last),
    totalRuns: before.totalRuns + allowed.length,
    skipped: before.skipped + ticks.sent.length - allowed.length,
    missed: before.missed + ticks.missed,
  };
  return {
    item,
    sent: allowed,
    firing: {
      name,
      revision,
      dueAt,
      // Left out, a one-off is not done yet.
      nextAt: json.oneOff && allowed.length > 0 ? null : ticks.nextAt,
      state: encodeState(state),
    },
    replaces: isRunning && json.overlap === "replace"
      ? before.lastTaskId
      : null,
  };
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
  const named = withEntryHeader(options, record.name);
  return sent.map((tick) =>
    producer.envelope(task, args, {
      ...named,
      taskId: tickId(record.name, tick),
    })
  );
}

/** The firing of a plan with its messages. */
export function firingOf(plan: Plan, messages: readonly Message[]): Firing {
  return { ...plan.firing, messages };
}
