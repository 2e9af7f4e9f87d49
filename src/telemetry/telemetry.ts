/**
 * What an app tells those who trace and measure it. The rooms on a task's way
 * know this alone; without it they do nothing.
 *
 * @module
 */

import type { Envelope } from "../message/envelope.ts";

/** Headers that carry a trace from one process to the next. */
export type Carrier = Readonly<Record<string, string>>;

/** Where a run happens. */
export interface RunPlace {
  /** The node name of the worker. */
  readonly hostname: string;
  /** How the task came to it. */
  readonly delivery: { readonly queue: string; readonly losses: number };
}

/** How a run went, as far as that is told. */
export interface RunEnd {
  /** How it ended: `success`, `failure`, `retry`, `revoked`, `lost` … */
  readonly kind: string;
  /** Its error, encoded. */
  readonly error?: string | undefined;
  /** When it began (epoch ms). */
  readonly startedAt?: number | undefined;
  /** When it ended (epoch ms). */
  readonly endedAt: number;
  /**
   * What carries its trace to what follows from it, empty where nothing does;
   * absent if it could not tell of itself.
   */
  readonly trace?: Carrier | undefined;
}

/** Traces and measures. */
export interface Telemetry {
  /** Whether anybody takes what it is told. */
  readonly isOn: boolean;
  /**
   * What carries the trace of something that is sent here and now.
   *
   * @param headers those of the task that it follows from, if it does
   */
  carrier(
    headers: Readonly<Record<string, unknown>> | undefined,
  ): Carrier | undefined;
  /** Sends a canvas as one operation. */
  launch<T>(send: () => Promise<T>): Promise<T>;
  /** Publishes, as one operation. */
  publish(
    envelopes: readonly Envelope[],
    send: (traced: readonly Envelope[]) => Promise<unknown>,
  ): Promise<void>;
  /**
   * Begins with each of several tasks, in this order; what those of one trace
   * have in common is done once. To be called before {@linkcode run}.
   */
  each<T extends { readonly envelope?: Envelope | undefined }>(
    items: readonly T[],
    begin: (item: T) => void,
  ): void;
  /**
   * Runs a task as what follows from its publishing.
   *
   * @param joined traces of the runs whose results it takes
   * @returns what it came to, with its trace where that is taken
   */
  run<T extends Pick<RunEnd, "kind" | "error">>(
    envelope: Envelope,
    place: RunPlace,
    run: () => Promise<T>,
    joined?: readonly string[],
  ): Promise<T & Pick<RunEnd, "trace">>;
  /**
   * A worker has heard how a run ended.
   *
   * @returns what carries its trace, also where the run could not say so
   */
  ended(envelope: Envelope, place: RunPlace, end: RunEnd): Carrier | undefined;
  /** Tells at once what it would tell a moment later. */
  flush(): void;
}

/** Keeps the telemetry of an app. */
export class TelemetrySlot {
  #telemetry: Telemetry | null = null;

  /** The telemetry; `null` where there is none, or nobody takes it. */
  get current(): Telemetry | null {
    return this.#telemetry?.isOn === true ? this.#telemetry : null;
  }

  /** Tells this one from now on, unless there is one. */
  use(make: () => Telemetry): void {
    this.#telemetry ??= make();
  }
}
