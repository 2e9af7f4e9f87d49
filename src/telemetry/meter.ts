/**
 * What is counted and measured of tasks.
 *
 * A measurement costs a microsecond, mostly for its attributes, and there is
 * no call that takes many. So counts are kept here and told once for many, and
 * of very many durations some are taken.
 *
 * @module
 */

import {
  type Attributes,
  type Counter,
  type Histogram,
  metrics,
} from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { measured } from "./attributes.ts";
import { errorType } from "./error_type.ts";
import { queueTime } from "./queue_time.ts";
import { Series } from "./series.ts";
import { type Count, Tally } from "./tally.ts";
import type { RunEnd } from "./telemetry.ts";
import { Thinning } from "./thinning.ts";

/** In seconds; a task may take a millisecond or an hour. */
const BUCKETS = [
  ...[0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
  ...[1, 5, 10, 30, 60, 300, 1_800, 3_600],
];

const SECONDS = {
  unit: "s",
  advice: { explicitBucketBoundaries: BUCKETS },
};

/** What is measured of tasks of one name, queue and end. */
interface Measured {
  readonly labels: Attributes;
  /** How many there were. */
  readonly count: Count;
  /** How many durations were not taken. */
  readonly leftOut: Count;
  readonly thinning: Thinning;
}

/** Counts and measures for an app. */
export class Meter {
  readonly #sent: Counter;
  readonly #sending: Histogram;
  readonly #consumed: Counter;
  readonly #waiting: Histogram;
  readonly #running: Histogram;
  readonly #leftOut: Counter;
  readonly #tally = new Tally();
  readonly #sends = new Series((queue, task, error) =>
    this.#measured(this.#sent, measured(queue, task, "send", error))
  );
  readonly #runs = new Series((queue, task, kind) =>
    this.#measured(this.#consumed, measured(queue, task, "process"), kind)
  );
  readonly #failures = new Series((queue, task, error) =>
    measured(queue, task, "process", error)
  );

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
    this.#leftOut = meter.createCounter("lovage.task.durations_left_out", {
      unit: "{measurement}",
      description: "Measurements that histograms did not take, of very many",
    });
  }

  /**
   * Tasks were sent in one go, or were not.
   *
   * @param ms how long it took
   * @param now when it ended (ms)
   */
  published(
    envelopes: readonly Envelope[],
    ms: number,
    now: number,
    error: string | undefined,
  ): void {
    const counts = new Map<Measured, number>();
    for (const { queue, task } of envelopes) {
      const series = this.#sends.of(queue, task, error ?? "");
      counts.set(series, (counts.get(series) ?? 0) + 1);
    }
    for (const [series, count] of counts) {
      series.count.add(count);
      if (takes(series, now)) this.#sending.record(ms / 1_000, series.labels);
    }
  }

  /** A run ended. */
  ran(envelope: Envelope, queue: string, end: RunEnd): void {
    const { kind, startedAt, endedAt, error } = end;
    const { task } = envelope;
    const series = this.#runs.of(queue, task, kind);
    series.count.add();
    if (startedAt === undefined || !takes(series, endedAt)) return;
    const waited = queueTime(envelope, startedAt) / 1_000;
    this.#waiting.record(waited, series.labels);
    const failed = kind === "failure" || kind === "lost";
    const labels = failed
      ? this.#failures.of(queue, task, errorType(error))
      : series.labels;
    this.#running.record((endedAt - startedAt) / 1_000, labels);
  }

  /** Tells what has been counted. */
  flush(): void {
    this.#tally.flush();
  }

  #measured(counter: Counter, labels: Attributes, kind?: string): Measured {
    const counted = kind === undefined
      ? labels
      : { ...labels, "lovage.task.outcome": kind };
    return {
      labels,
      count: this.#tally.count(counter, counted),
      leftOut: this.#tally.count(this.#leftOut, labels),
      thinning: new Thinning(),
    };
  }
}

function takes({ thinning, leftOut }: Measured, now: number): boolean {
  if (thinning.takes(now)) return true;
  leftOut.add();
  return false;
}
