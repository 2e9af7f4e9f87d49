/**
 * How events travel: many in one payload, which says once who tells. Those
 * that come by the thousand are lists of values in a fixed order, which cost
 * half of what objects cost to write, and a fraction to read.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { Envelope } from "../message/envelope.ts";
import { eventText, type MonitorEvent, MOST_TEXT } from "./monitor_event.ts";

/** What of an event is said once for all of a payload. */
type Said = "hostname" | "pid" | "clock" | "utcoffset";

/** An event that is told now and then, without what goes without saying. */
export interface WireEvent extends Omit<MonitorEvent, Said | "args"> {
  /** Arguments themselves, where they are few, or their text. */
  readonly args?: string | readonly unknown[] | undefined;
}

const RECEIVED = 0;
const STARTED = 1;
const SUCCEEDED = 2;

/** What most tasks do not have. */
type Rest = Pick<
  WireEvent,
  "kwargs" | "retries" | "eta" | "expires" | "rootId" | "parentId"
>;

/** An event of those that come by the thousand. */
export type WireTuple =
  | readonly [
    kind: typeof RECEIVED,
    timestamp: number,
    uuid: string,
    name: string,
    queue: string,
    args: string | readonly unknown[],
    rest?: Rest,
  ]
  | readonly [
    kind: typeof STARTED,
    timestamp: number,
    uuid: string,
    name: string,
  ]
  | readonly [
    kind: typeof SUCCEEDED,
    timestamp: number,
    uuid: string,
    name: string,
    runtime: number,
    result: string,
  ];

/** Who tells, once for all events of a payload. */
export interface Heading {
  /** The node name. */
  readonly hostname: string;
  /** The process. */
  readonly pid: number;
  /** The clock of the first event; each that follows counts one more. */
  readonly clock: number;
  /** Hours behind UTC. */
  readonly utcoffset: number;
}

/** That a task was taken from its queue. */
export function receivedTuple(
  timestamp: number,
  envelope: Envelope,
  { queue, body }: Pick<Message, "queue" | "body">,
): WireTuple {
  const { id, task, shadow, args } = envelope;
  const few = body.length <= MOST_TEXT ? args : eventText(args);
  const name = shadow ?? task;
  const rest = restOf(envelope);
  return rest === undefined
    ? [RECEIVED, timestamp, id, name, queue, few]
    : [RECEIVED, timestamp, id, name, queue, few, rest];
}

/** That a task began. */
export function startedTuple(
  timestamp: number,
  uuid: string,
  name: string,
): WireTuple {
  return [STARTED, timestamp, uuid, name];
}

/** That a task returned. */
export function succeededTuple(
  timestamp: number,
  uuid: string,
  name: string,
  said: { readonly runtime: number; readonly result: string },
): WireTuple {
  return [SUCCEEDED, timestamp, uuid, name, said.runtime, said.result];
}

function restOf(envelope: Envelope): Rest | undefined {
  const { id, rootId, parentId, kwargs, retries, eta, expires } = envelope;
  const isPlain = rootId === id && parentId === undefined &&
    kwargs === undefined && retries === 0 && eta === undefined &&
    expires === undefined;
  if (isPlain) return undefined;
  return {
    kwargs: kwargs === undefined ? undefined : eventText(kwargs),
    retries: retries === 0 ? undefined : retries,
    eta,
    expires,
    rootId: rootId === id ? undefined : rootId,
    parentId,
  };
}

/** A task that was sent. */
export function describedTask(
  envelope: Envelope,
  { queue, body }: Pick<Message, "queue" | "body">,
): Omit<WireEvent, "type" | "timestamp"> {
  const { id, task, shadow, args } = envelope;
  return {
    uuid: id,
    name: shadow ?? task,
    args: body.length <= MOST_TEXT ? args : eventText(args),
    queue,
    ...restOf(envelope),
  };
}

/** The payload that tells of these. */
export function encodeEvents(
  heading: Heading,
  events: readonly (WireEvent | WireTuple)[],
): string {
  return JSON.stringify({ ...heading, events });
}

/** Reads what was told together; what is no event is left out. */
export function readEvents(payload: string): readonly MonitorEvent[] {
  const read: MonitorEvent[] = [];
  try {
    const { events, ...heading } = JSON.parse(payload) as Record<
      string,
      unknown
    >;
    if (!isHeading(heading) || !Array.isArray(events)) return [];
    const { hostname, pid, utcoffset } = heading;
    let { clock } = heading;
    for (const each of events as unknown[]) {
      const by: Heading = { hostname, pid, clock: clock++, utcoffset };
      const event = Array.isArray(each)
        ? readTuple(each, by)
        : readObject(each, by);
      if (event !== null) read.push(event);
    }
  } catch {
    // Any process may speak on the bus.
  }
  return read;
}

function isHeading(value: object): value is Heading {
  const { hostname, pid, clock, utcoffset } = value as Record<string, unknown>;
  return typeof hostname === "string" && typeof pid === "number" &&
    typeof clock === "number" && typeof utcoffset === "number";
}

function readTuple(
  tuple: readonly unknown[],
  { hostname, pid, clock, utcoffset }: Heading,
): MonitorEvent | null {
  const [kind, timestamp, uuid, name, fourth, fifth, rest] = tuple;
  if (
    typeof timestamp !== "number" || typeof uuid !== "string" ||
    typeof name !== "string"
  ) return null;
  const base = { hostname, timestamp, pid, clock, utcoffset, uuid, name };
  switch (kind) {
    case STARTED:
      return { type: "task-started", ...base };
    case SUCCEEDED:
      if (typeof fourth !== "number" || typeof fifth !== "string") return null;
      return {
        type: "task-succeeded",
        ...base,
        runtime: fourth,
        result: fifth,
      };
    case RECEIVED: {
      const event = {
        type: "task-received",
        ...base,
        ...{ queue: fourth, args: textOf(fifth), kwargs: "{}", retries: 0 },
        ...{ eta: null, expires: null, rootId: uuid },
        ...(rest as Rest | undefined),
      };
      return isEvent(event) ? event : null;
    }
    default:
      return null;
  }
}

/** An event with what went without saying. */
function readObject(
  said: unknown,
  { hostname, pid, clock, utcoffset }: Heading,
): MonitorEvent | null {
  if (typeof said !== "object" || said === null) return null;
  const { type, timestamp, ...fields } = said as Record<string, unknown>;
  const base = { type, hostname, timestamp, pid, clock, utcoffset };
  const event = type !== "task-sent" ? { ...base, ...fields } : {
    ...base,
    ...{ kwargs: "{}", retries: 0, eta: null, expires: null },
    rootId: fields["uuid"],
    ...fields,
    args: textOf(fields["args"] ?? []),
  };
  return isEvent(event) ? event : null;
}

function textOf(args: unknown): unknown {
  return Array.isArray(args) ? JSON.stringify(args) : args;
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

function isEvent(value: object): value is MonitorEvent {
  const event = value as Record<keyof MonitorEvent, unknown>;
  const isOrIsNot = (field: keyof MonitorEvent, type: string) =>
    event[field] === undefined || typeof event[field] === type;
  return typeof event.type === "string" &&
    typeof event.hostname === "string" && typeof event.timestamp === "number" &&
    (event.fields === undefined ||
      typeof event.fields === "object" && event.fields !== null) &&
    TEXTS.every((field) => isOrIsNot(field, "string")) &&
    NUMBERS.every((field) => isOrIsNot(field, "number")) &&
    (event.loadavg === undefined ||
      Array.isArray(event.loadavg) &&
        event.loadavg.every((each) => typeof each === "number"));
}
