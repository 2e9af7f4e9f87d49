/**
 * Traces and measures through OpenTelemetry's API. Who exports them is the
 * application's choice: Deno's own exporter, or an SDK.
 *
 * What a trace's caller has decided holds for the tasks of it: of one that is
 * not sampled, nothing is built but the context that says so.
 *
 * @module
 */

import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { VERSION } from "../version.ts";
import { attributesOfRun, attributesOfSend, common } from "./attributes.ts";
import { fail, tellEnd } from "./error_type.ts";
import { Meter } from "./meter.ts";
import { Registration } from "./registration.ts";
import { isTaken, type Sample } from "./sample.ts";
import type { Carrier, RunEnd, RunPlace, Telemetry } from "./telemetry.ts";
import {
  carriedBy,
  carrierIn,
  inject,
  injectActive,
  isSampled,
  linksTo,
  unsampled,
} from "./trace_headers.ts";

/** What a run came to, which told of itself. */
type Told<T> = T & Pick<RunEnd, "trace">;

/** It told of itself, and nothing has to be carried on. */
const TOLD: Carrier = Object.freeze({});

/** OpenTelemetry, as an app uses it. */
export class OpenTelemetry implements Telemetry {
  readonly #sample: Sample | undefined;
  readonly #registration = new Registration();
  readonly #tracer: Tracer = trace.getTracer("@lovage/lovage", VERSION);
  #meter: Meter | null = null;

  /** @param sample which traces are taken that begin with a task */
  constructor(sample?: Sample) {
    this.#sample = sample;
  }

  /** {@linkcode Telemetry.isOn} */
  get isOn(): boolean {
    return this.#registration.isThere;
  }

  /** {@linkcode Telemetry.carrier} */
  carrier(
    headers: Readonly<Record<string, unknown>> | undefined,
  ): Carrier | undefined {
    return headers === undefined ? injectActive() : carrierIn(headers);
  }

  /** {@linkcode Telemetry.launch} */
  async launch<T>(send: () => Promise<T>): Promise<T> {
    const { parent, taken } = this.#begun("lovage.launch");
    if (!taken) return await context.with(parent, send);
    const span = this.#tracer.startSpan("send canvas", {
      kind: SpanKind.INTERNAL,
      attributes: { "messaging.system": "lovage" },
    }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), send);
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
    send: (traced: readonly Envelope[]) => Promise<unknown>,
  ): Promise<void> {
    const begun = performance.now();
    const { parent, taken } = this.#begun(envelopes[0]?.task ?? "");
    const task = common(envelopes, ({ task }) => task) ?? "batch";
    const span = taken
      ? this.#tracer.startSpan(`send ${task}`, {
        kind: SpanKind.PRODUCER,
        attributes: attributesOfSend(envelopes),
      }, parent)
      : undefined;
    const inside = span === undefined ? parent : trace.setSpan(parent, span);
    const carrier = inject(inside);
    let type: string | undefined;
    try {
      await send(envelopes.map((envelope) => withCarrier(envelope, carrier)));
    } catch (error) {
      type = error instanceof Error ? error.name : "_OTHER";
      if (span !== undefined) fail(span, error);
      throw error;
    } finally {
      span?.end();
      const now = performance.now();
      this.#measure.published(envelopes, now - begun, now, type);
    }
  }

  /** {@linkcode Telemetry.each} */
  each<T extends { readonly envelope?: Envelope | undefined }>(
    items: readonly T[],
    begin: (item: T) => void,
  ): void {
    for (let at = 0; at < items.length;) {
      const first = at;
      const shared = leftOut(items[first]);
      while (at < items.length && leftOut(items[at]) === shared) at++;
      const beginAll = () => items.slice(first, at).forEach((it) => begin(it));
      if (shared === undefined) beginAll();
      else context.with(shared, beginAll);
    }
  }

  /** {@linkcode Telemetry.run} */
  run<T extends Pick<RunEnd, "kind" | "error">>(
    envelope: Envelope,
    place: RunPlace,
    run: () => Promise<T>,
    joined: readonly string[] = [],
  ): Promise<Told<T>> {
    const carried = carriedBy(envelope.headers);
    const { context: parent, sampled } = carried;
    // Nothing but this is done for those that are not sampled.
    if (sampled === false) return within(parent, run);
    return sampled === undefined && !isTaken(this.#sample, envelope.task)
      ? context.with(unsampled(), run).then((detail) => told(detail, TOLD))
      : this.#traced(envelope, place, parent, run, joined);
  }

  async #traced<T extends Pick<RunEnd, "kind" | "error">>(
    envelope: Envelope,
    place: RunPlace,
    parent: Context,
    run: () => Promise<T>,
    joined: readonly string[],
  ): Promise<Told<T>> {
    const links = joined.length === 0 ? undefined : linksTo(joined);
    const span = this.#process(envelope, place, parent, Date.now(), { links });
    const inside = trace.setSpan(parent, span);
    try {
      const detail = await context.with(inside, run);
      tellEnd(span, detail, place);
      const isCarried = isFollowed(envelope, detail.kind);
      return told(detail, isCarried ? inject(inside) ?? TOLD : TOLD);
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
    this.#measure.ran(envelope, place.delivery.queue, end);
    if (end.trace !== undefined || end.kind === "released") return end.trace;
    // Its isolate died under it, or it never began: nobody else tells of it.
    const { context: parent, sampled } = carriedBy(envelope.headers);
    if (sampled === false) return undefined;
    const startTime = end.startedAt ?? end.endedAt;
    const times = { startTime };
    const span = this.#process(envelope, place, parent, startTime, times);
    tellEnd(span, end, place);
    span.end(end.endedAt);
    return inject(trace.setSpan(parent, span));
  }

  /** {@linkcode Telemetry.flush} */
  flush(): void {
    this.#meter?.flush();
  }

  get #measure(): Meter {
    return this.#meter ??= new Meter(VERSION);
  }

  #process(
    envelope: Envelope,
    place: RunPlace,
    parent: Context,
    startedAt: number,
    more: { links?: SpanOptions["links"] | undefined; startTime?: number },
  ): Span {
    const { links, startTime } = more;
    // All at once: each further call costs as much as several attributes.
    const attributes: Attributes = attributesOfRun(envelope, place, startedAt);
    return this.#tracer.startSpan(`process ${envelope.task}`, {
      kind: SpanKind.CONSUMER,
      attributes,
      ...(links === undefined ? {} : { links }),
      ...(startTime === undefined ? {} : { startTime }),
    }, parent);
  }

  /** What something begins in that is sent here, and whether it is taken. */
  #begun(task: string): { parent: Context; taken: boolean } {
    const parent = context.active();
    const sampled = isSampled(parent);
    if (sampled !== undefined) return { parent, taken: sampled };
    return isTaken(this.#sample, task)
      ? { parent, taken: true }
      : { parent: unsampled(), taken: false };
  }
}

/** The context of a task whose trace is not taken. */
function leftOut(
  item: { readonly envelope?: Envelope | undefined } | undefined,
): Context | undefined {
  const { context, sampled } = carriedBy(item?.envelope?.headers);
  return sampled === false ? context : undefined;
}

/** To enter a context costs far more than to see that it is active. */
function within<T>(parent: Context, run: () => T): T {
  return context.active() === parent ? run() : context.with(parent, run);
}

/** A run's own record of what it came to: no copy is made of it. */
function told<T>(detail: T, trace: Carrier): Told<T> {
  return Object.assign(detail as object, { trace }) as Told<T>;
}

/** Whether a worker sends what belongs to the trace of a run. */
function isFollowed(envelope: Envelope, kind: string): boolean {
  const { link, linkError, chain, chord } = envelope;
  return link !== undefined || linkError !== undefined ||
    chain !== undefined || chord === true || kind === "replaced";
}

function withCarrier(
  envelope: Envelope,
  carrier: Carrier | undefined,
): Envelope {
  return carrier === undefined
    ? envelope
    : { ...envelope, headers: { ...envelope.headers, ...carrier } };
}
