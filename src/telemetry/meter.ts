/**
 * What is counted and measured of tasks.
 *
 * @module
 */

import { metrics } from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { measured } from "./attributes.ts";
import type { RunEnd } from "./telemetry.ts";

/** In seconds; a task may take a millisecond or an hour. */
const BUCKETS = [
  ...[0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
  ...[1, 5, 10, 30, 60, 300, 1_800, 3_600],
];

const SECONDS = {
  unit: "s",
  advice: { explicitBucketBoundaries: BUCKETS },
};

/** Counts and measures for an app. */
export class Meter {
  readonly #sent;
  readonly #sending;
  readonly #consumed;
  readonly #waiting;
  readonly #running;

  /** Instruments of the provider that is registered by now. */
  constructor(version: string) {
    const meter = metrics.getMeter("@lovage/lovage", version);
    this.#sent = meter.createCounter("messaging.client.sent.messages", {
      unit: "{message}",
      description: "Tasks that were sent",
    });
    this.#sending = meter.createHistogram(
      "messaging.client.operation.duration",
      { ...SECONDS, description: "How long it took to send tasks" },
    );
    this.#consumed = meter.createCounter("messaging.client.consumed.messages", {
      unit: "{message}",
      description: "Runs that ended, by outcome",
    });
    this.#waiting = meter.createHistogram("lovage.task.queue_time", {
      ...SECONDS,
      description: "From when a task was due until it began to run",
    });
    this.#running = meter.createHistogram("messaging.process.duration", {
      ...SECONDS,
      description: "How long tasks ran",
    });
  }

  /** Tasks were sent in one go, or were not. */
  published(
    envelopes: readonly Envelope[],
    ms: number,
    error: string | undefined,
  ): void {
    const failed = error === undefined ? {} : { "error.type": error };
    for (const { queue, task } of envelopes) {
      const labels = { ...measured(queue, task, "send"), ...failed };
      this.#sent.add(1, labels);
      this.#sending.record(ms / 1_000, labels);
    }
  }

  /** A run ended. */
  ran(envelope: Envelope, queue: string, end: RunEnd): void {
    const labels = measured(queue, envelope.task, "process");
    const { kind, startedAt, endedAt } = end;
    this.#consumed.add(1, { ...labels, "lovage.task.outcome": kind });
    if (startedAt === undefined) return;
    this.#waiting.record(queueTime(envelope, startedAt) / 1_000, labels);
    this.#running.record((endedAt - startedAt) / 1_000, {
      ...labels,
      ...(kind === "failure" || kind === "lost" ? { "error.type": kind } : {}),
    });
  }
}

/** How long a task was due before it began to run, in ms. */
export function queueTime(envelope: Envelope, startedAt: number): number {
  const { sentAt, eta = 0, retriedAt = 0 } = envelope;
  return Math.max(0, startedAt - Math.max(sentAt, eta, retriedAt));
}
