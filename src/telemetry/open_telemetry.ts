/**
 * Traces and measures through OpenTelemetry's API. Who exports them is the
 * application's choice: Deno's own exporter, or an SDK.
 *
 * @module
 */

import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { decodeError } from "../message/error_codec.ts";
import { VERSION } from "../version.ts";
import { attributesOf, type Operation } from "./attributes.ts";
import { Meter, queueTime } from "./meter.ts";
import type {
  Carrier,
  RunEnd,
  RunPlace,
  Telemetry,
  TracedRun,
} from "./telemetry.ts";

/** Kinds of ends that are no success. */
const FAILED = new Set(["failure", "lost"]);

/** OpenTelemetry, as an app uses it. */
export class OpenTelemetry implements Telemetry {
  readonly #tracer: Tracer = trace.getTracer("@lovage/lovage", VERSION);
  readonly #meter = new Meter(VERSION);

  /** {@linkcode Telemetry.carrier} */
  carrier(
    headers: Readonly<Record<string, unknown>> | undefined,
  ): Carrier | undefined {
    if (headers === undefined) {
      return trace.getActiveSpan() === undefined
        ? undefined
        : inject(context.active());
    }
    const carrier: Record<string, string> = {};
    for (const field of propagation.fields()) {
      const value = headers[field];
      if (typeof value === "string") carrier[field] = value;
    }
    return carrier;
  }

  /** {@linkcode Telemetry.launch} */
  async launch<T>(send: () => Promise<T>): Promise<T> {
    const span = this.#tracer.startSpan("send canvas", {
      kind: SpanKind.INTERNAL,
      attributes: { "messaging.system": "lovage" },
    });
    try {
      return await context.with(trace.setSpan(context.active(), span), send);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** {@linkcode Telemetry.publish} */
  async publish(
    envelopes: readonly Envelope[],
    send: (traced: readonly Envelope[]) => Promise<void>,
  ): Promise<void> {
    const parent = context.active();
    const begun = performance.now();
    const spans: Span[] = [];
    const traced = envelopes.map((envelope) => {
      const span = this.#start(envelope, "send", SpanKind.PRODUCER, parent);
      spans.push(span);
      return withCarrier(envelope, inject(trace.setSpan(parent, span)));
    });
    let type: string | undefined;
    try {
      await send(traced);
    } catch (error) {
      type = error instanceof Error ? error.name : "_OTHER";
      for (const span of spans) fail(span, error);
      throw error;
    } finally {
      for (const span of spans) span.end();
      this.#meter.published(envelopes, performance.now() - begun, type);
    }
  }

  /** {@linkcode Telemetry.run} */
  async run<T extends Pick<RunEnd, "kind" | "error">>(
    envelope: Envelope,
    place: RunPlace,
    run: () => Promise<T>,
  ): Promise<TracedRun<T>> {
    const parent = parentOf(envelope);
    const now = Date.now();
    const span = this.#process(envelope, place, parent, now);
    const inside = trace.setSpan(parent, span);
    try {
      const detail = await context.with(inside, run);
      tellEnd(span, detail);
      return { detail, trace: inject(inside) };
    } finally {
      span.end();
    }
  }

  /** {@linkcode Telemetry.ended} */
  ended(
    envelope: Envelope,
    place: RunPlace,
    end: RunEnd,
  ): Carrier | undefined {
    this.#meter.ran(envelope, place.delivery.queue, end);
    if (end.trace !== undefined || end.kind === "released") return end.trace;
    // Its isolate died under it, or it never began: nobody else tells of it.
    const parent = parentOf(envelope);
    const from = end.startedAt ?? end.endedAt;
    const span = this.#process(envelope, place, parent, from);
    tellEnd(span, end);
    span.end(end.endedAt);
    return inject(trace.setSpan(parent, span));
  }

  #process(
    envelope: Envelope,
    { hostname, delivery }: RunPlace,
    parent: Context,
    startedAt: number,
  ): Span {
    const span = this.#start(
      envelope,
      "process",
      SpanKind.CONSUMER,
      parent,
      startedAt,
    );
    if (!span.isRecording()) return span;
    span.setAttributes({
      "messaging.destination.name": delivery.queue,
      "messaging.client.id": hostname,
      "lovage.task.losses": delivery.losses,
      "lovage.task.queue_time": queueTime(envelope, startedAt) / 1_000,
    });
    return span;
  }

  #start(
    envelope: Envelope,
    operation: Operation,
    kind: SpanKind,
    parent: Context,
    startTime?: number,
  ): Span {
    const span = this.#tracer.startSpan(`${operation} ${envelope.task}`, {
      kind,
      // What a sampler may decide by; all else is for those that it takes.
      attributes: { "messaging.destination.name": envelope.queue },
      ...(startTime === undefined ? {} : { startTime }),
    }, parent);
    if (span.isRecording()) {
      span.setAttributes(attributesOf(envelope, operation));
    }
    return span;
  }
}

function inject(from: Context): Carrier | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(from, carrier);
  return Object.keys(carrier).length === 0 ? undefined : carrier;
}

/** What sent the task; not what happens to be active where it is run. */
function parentOf({ headers = {} }: Envelope): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

function withCarrier(
  envelope: Envelope,
  carrier: Carrier | undefined,
): Envelope {
  return carrier === undefined
    ? envelope
    : { ...envelope, headers: { ...envelope.headers, ...carrier } };
}

function tellEnd(
  span: Span,
  { kind, error }: Pick<RunEnd, "kind" | "error">,
): void {
  if (!span.isRecording()) return;
  span.setAttribute("lovage.task.outcome", kind);
  if (error === undefined) return;
  const known = decodeError(error);
  if (FAILED.has(kind)) fail(span, known);
  else span.recordException(known);
}

function fail(span: Span, error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  span.recordException(known);
  span.setAttribute("error.type", known.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
}
