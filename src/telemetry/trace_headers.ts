/**
 * The trace of a task, as its headers carry it.
 *
 * @module
 */

import {
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { LINKED_ROOT } from "./linked_context.ts";
import type { Carrier } from "./telemetry.ts";

/** W3C trace context, version 0: ids of zeros only are none. */
const TRACEPARENT =
  /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Digits whose last bit is set: the trace is taken. */
const ODD = "13579bdf";
/** How many traces are remembered. */
const REMEMBERED = 128;

type Headers = Envelope["headers"];

/** A trace that came with a task. */
export interface Carried {
  /** What spans are begun in; the root where none came. */
  readonly context: Context;
  /** Whether it was decided: to take it, or to leave it out. */
  readonly sampled: boolean | undefined;
}

const NOTHING: Carried = { context: ROOT_CONTEXT, sampled: undefined };

// Those that were sent at once carry the same, and come close to each other.
const read = new Map<string, Carried>();
let lastRead = "";
let last: Carried = NOTHING;

/** Reads what headers carry; never throws. */
export function carriedBy(headers: Headers): Carried {
  if (headers === undefined) return NOTHING;
  const { traceparent, tracestate, baggage } = headers;
  // The plain case by hand: what propagators do costs as much as the rest.
  if (
    typeof traceparent === "string" && tracestate === undefined &&
    baggage === undefined && isW3c()
  ) {
    if (traceparent === lastRead) return last;
    const known = read.get(traceparent);
    if (known !== undefined) return remembered(traceparent, known);
    if (TRACEPARENT.test(traceparent)) {
      if (read.size >= REMEMBERED) read.clear();
      const carried = carriedIn(traceparent);
      read.set(traceparent, carried);
      return remembered(traceparent, carried);
    }
  }
  const extracted = propagation.extract(ROOT_CONTEXT, headers);
  return { context: extracted, sampled: isSampled(extracted) };
}

function remembered(traceparent: string, carried: Carried): Carried {
  lastRead = traceparent;
  last = carried;
  return carried;
}

function carriedIn(traceparent: string): Carried {
  const sampled = ODD.includes(traceparent.charAt(54));
  const span = {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
  return { context: trace.setSpanContext(LINKED_ROOT, span), sampled };
}

/** Whether the trace of a context is taken; `undefined` where it has none. */
export function isSampled(of: Context): boolean | undefined {
  const span = trace.getSpanContext(of);
  return span && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** What carries the trace of a context on; `undefined` where it has none. */
export function inject(from: Context): Carrier | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(from, carrier);
  for (const _ in carrier) return carrier;
  return undefined;
}

// A thousand tasks that are sent at once are sent in one context.
let injected: {
  readonly from: Context;
  readonly carrier: Carrier | undefined;
} = {
  from: ROOT_CONTEXT,
  carrier: undefined,
};

/** What carries the trace that is active here. */
export function injectActive(): Carrier | undefined {
  const from = context.active();
  if (trace.getSpan(from) === undefined) return undefined;
  if (injected.from !== from) injected = { from, carrier: inject(from) };
  return injected.carrier;
}

/** Those of some headers that carry a trace. */
export function carrierIn(headers: NonNullable<Headers>): Carrier {
  const carrier: Record<string, string> = {};
  for (const field of propagation.fields()) {
    const value = headers[field];
    if (typeof value === "string") carrier[field] = value;
  }
  return carrier;
}

/** A context of a trace that nobody takes. */
export function unsampled(): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: hex(),
    spanId: hex().slice(16),
    traceFlags: TraceFlags.NONE,
  });
}

/** Links to what traces carry; those that cannot be read are left out. */
export function linksTo(traceparents: readonly string[]): Link[] {
  return traceparents.flatMap((each) => {
    if (!TRACEPARENT.test(each)) return [];
    const context = trace.getSpanContext(carriedIn(each).context);
    return context === undefined ? [] : [{ context }];
  });
}

function hex(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

let w3c: boolean | undefined;

/** Whether the propagator is that of W3C; asked when one is in use. */
function isW3c(): boolean {
  return w3c ??= propagation.fields().includes("traceparent");
}
