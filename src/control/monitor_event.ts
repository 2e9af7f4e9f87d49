/**
 * What workers tell those who watch: Celery's events, with their fields in
 * camelCase. Times are epoch ms.
 *
 * @module
 */

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

/** What is said by who watches. */
export interface Watched {
  /** For how long, in ms. */
  readonly lease: number;
  /** Whether it begins. */
  readonly begins: boolean;
  /** The latest {@linkcode MonitorEvent.clock} that it has heard. */
  readonly clock: number;
}

/** The text of what is said by who watches. */
export function watchedText({ lease, begins, clock }: Watched): string {
  return `${lease} ${begins ? "begins" : "goes on"} ${clock}`;
}

/** Reads what was said by who watches; `null` for what is nothing. */
export function readWatched(payload: string): Watched | null {
  const [, first, does, last] =
    /^(\d+)(?: (begins|goes on) (\d+))?$/.exec(payload) ?? [];
  const lease = Math.min(Number(first), WATCH_LEASE);
  if (!(lease > 0)) return null;
  const clock = Math.min(Number(last ?? 0), Number.MAX_SAFE_INTEGER - 2 ** 32);
  return { lease, begins: does === "begins", clock };
}

/** The kinds of events that Lovage itself tells. */
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

/** The kind of an event of your own; see `self.sendEvent()`. */
export type CustomEventType = string & Record<never, never>;

/** Something that happened. Which fields there are depends on its type. */
export interface MonitorEvent {
  /** What happened. */
  readonly type: MonitorEventType | CustomEventType;
  /** The node name of the worker, or who sent a task. */
  readonly hostname: string;
  /** When, by the clock of that machine. */
  readonly timestamp: number;
  /** The process. */
  readonly pid?: number | undefined;
  /**
   * A Lamport clock: counts the events of a process, and is set forward to
   * what watchers have heard from others. Of two events of one process, the
   * first has the smaller one.
   */
  readonly clock?: number | undefined;
  /**
   * How many hours the machine's zone is behind UTC, as Celery has it: -1 in
   * Berlin in winter. Times are epoch ms, whatever the zone.
   */
  readonly utcoffset?: number | undefined;
  /** What an event of your own says. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
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

/** Longer texts of events are cut. */
export const MOST_TEXT = 1_000;

/** A value as the text of an event. */
export function eventText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
