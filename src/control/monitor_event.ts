/**
 * What workers tell those who watch: Celery's events, with their fields in
 * camelCase. Times are epoch ms.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { Envelope } from "../message/envelope.ts";

/** The topic on which events are told. */
export const EVENTS_TOPIC = "events";

/** The topic on which those who watch say so; see {@linkcode watchedText}. */
export const WATCHED_TOPIC = "events:watched";

/** The topic on which those who begin to tell ask who watches. */
export const ASKED_TOPIC = "events:asked";

/** Watchers say so again after this (ms) … */
export const WATCH_INTERVAL = 2_000;
/** … and are taken for gone after that (ms). */
export const WATCH_LEASE = 6_000;

/** What is said by who watches: for how long (ms), and whether it begins. */
export function watchedText(lease: number, begins: boolean): string {
  return begins ? `${lease} begins` : String(lease);
}

/** Reads what was said by who watches; `null` for what is nothing. */
export function readWatched(
  payload: string,
): { readonly lease: number; readonly begins: boolean } | null {
  const [first = "", second] = payload.split(" ");
  const lease = Math.min(Number(first), WATCH_LEASE);
  return lease > 0 ? { lease, begins: second === "begins" } : null;
}

/** The kinds of events. */
export type MonitorEventType =
  | "task-sent"
  | "task-received"
  | "task-started"
  | "task-succeeded"
  | "task-failed"
  | "task-rejected"
  | "task-revoked"
  | "task-retried"
  | "worker-online"
  | "worker-heartbeat"
  | "worker-offline";

/** Something that happened. Which fields there are depends on its type. */
export interface MonitorEvent {
  /** What happened. */
  readonly type: MonitorEventType;
  /** The node name of the worker, or who sent a task. */
  readonly hostname: string;
  /** When, by the clock of that machine. */
  readonly timestamp: number;
  /** The process. */
  readonly pid?: number | undefined;
  /** The task id. */
  readonly uuid?: string | undefined;
  /** The name of the task. */
  readonly name?: string | undefined;
  /** Its arguments as JSON text, cut at 1,000 characters. */
  readonly args?: string | undefined;
  /** Its keyword arguments as JSON text, cut at 1,000 characters. */
  readonly kwargs?: string | undefined;
  /** The queue. */
  readonly queue?: string | undefined;
  /** How often it was retried. */
  readonly retries?: number | undefined;
  /** Not before. */
  readonly eta?: number | null | undefined;
  /** Not after. */
  readonly expires?: number | null | undefined;
  /** The task that all of this began with. */
  readonly rootId?: string | undefined;
  /** The task that sent it. */
  readonly parentId?: string | undefined;
  /** Its result as text, cut at 1,000 characters. */
  readonly result?: string | undefined;
  /** How long it ran, in ms. */
  readonly runtime?: number | undefined;
  /** Its error as text. */
  readonly exception?: string | undefined;
  /** The stack of its error. */
  readonly traceback?: string | undefined;
  /** Whether it was ended by force. */
  readonly terminated?: boolean | undefined;
  /** Whether it came too late. */
  readonly expired?: boolean | undefined;
  /** Whether what was refused went back to its queue. */
  readonly requeue?: boolean | undefined;
  /** How often a worker tells of itself, in ms; 0 is never. */
  readonly freq?: number | undefined;
  /**
   * Of how many tasks a worker has told nothing but failures, retries and
   * revocations, as there were more than 2,500 in a second.
   */
  readonly untold?: number | undefined;
  /** The load of its machine over 1, 5 and 15 minutes. */
  readonly loadavg?: readonly number[] | undefined;
  /** What it is: `lovage`. */
  readonly swIdent?: string | undefined;
  /** Its version. */
  readonly swVer?: string | undefined;
  /** Its system. */
  readonly swSys?: string | undefined;
  /** How many tasks run in a worker. */
  readonly active?: number | undefined;
  /** How many tasks it has ended. */
  readonly processed?: number | undefined;
}

const MOST_TEXT = 1_000;

/** A value as the text of an event. */
export function eventText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

/**
 * An event as it travels, which happens often: who tells is said once for
 * all, and what goes without saying is left out.
 */
export interface WireEvent extends Omit<MonitorEvent, "args"> {
  /** Arguments themselves, where they are few, or their text. */
  readonly args?: string | readonly unknown[] | undefined;
}

/** A task that was sent or received. */
export function describedTask(
  envelope: Envelope,
  { queue, body }: Pick<Message, "queue" | "body">,
): Omit<WireEvent, "type" | "hostname" | "pid" | "timestamp"> {
  const { id, task, shadow, args, kwargs, rootId } = envelope;
  return {
    uuid: id,
    name: shadow ?? task,
    args: body.length <= MOST_TEXT ? args : eventText(args),
    kwargs: kwargs === undefined ? undefined : eventText(kwargs),
    queue,
    retries: envelope.retries === 0 ? undefined : envelope.retries,
    eta: envelope.eta,
    expires: envelope.expires,
    rootId: rootId === id ? undefined : rootId,
    parentId: envelope.parentId,
  };
}

/** Reads what was told together; what is no event is left out. */
export function readEvents(payload: string): readonly MonitorEvent[] {
  try {
    const { hostname, pid, events } = JSON.parse(payload) as Record<
      string,
      unknown
    >;
    if (!Array.isArray(events)) return [];
    return events.map((each) => readEvent(hostname, pid, each)).filter(isEvent);
  } catch {
    return [];
  }
}

/** An event with what went without saying. */
function readEvent(hostname: unknown, pid: unknown, event: unknown): unknown {
  if (typeof event !== "object" || event === null) return null;
  const { type, timestamp, ...said } = event as Record<string, unknown>;
  if (type !== "task-sent" && type !== "task-received") {
    return { type, hostname, timestamp, pid, ...said };
  }
  const { args = [], uuid } = said;
  return {
    ...{ type, hostname, timestamp, pid },
    ...{ kwargs: "{}", retries: 0, eta: null, expires: null, rootId: uuid },
    ...said,
    args: Array.isArray(args) ? JSON.stringify(args) : args,
  };
}

// Whoever reads events relies on the types of their fields.
const TEXTS = [
  "uuid",
  "name",
  "args",
  "kwargs",
  "queue",
  "result",
  "exception",
  "traceback",
  "rootId",
  "parentId",
  "swIdent",
  "swVer",
  "swSys",
] as const;
const NUMBERS = [
  "pid",
  "retries",
  "runtime",
  "freq",
  "active",
  "processed",
  "untold",
] as const;

function isEvent(value: unknown): value is MonitorEvent {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Record<keyof MonitorEvent, unknown>;
  const isOrIsNot = (field: keyof MonitorEvent, type: string) =>
    event[field] === undefined || typeof event[field] === type;
  return typeof event.type === "string" &&
    typeof event.hostname === "string" && typeof event.timestamp === "number" &&
    TEXTS.every((field) => isOrIsNot(field, "string")) &&
    NUMBERS.every((field) => isOrIsNot(field, "number")) &&
    (event.loadavg === undefined ||
      Array.isArray(event.loadavg) &&
        event.loadavg.every((each) => typeof each === "number"));
}
