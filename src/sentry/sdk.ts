/**
 * What is used of a Sentry SDK: `@sentry/deno`, `@sentry/node`,
 * `@sentry/bun` and others have it.
 *
 * @module
 */

/** A scope that says more about what is captured in it. */
export interface SentryScope {
  /** Searchable. */
  setTags(tags: Record<string, string>): unknown;
  /** To read. */
  setContext(name: string, context: Record<string, unknown>): unknown;
  /** The name of what happens. */
  setTransactionName(name: string): unknown;
}

/** A span. */
export interface SentrySpan {
  /** Says how it went: 1 is well, 2 is an error. */
  setStatus(
    status: { readonly code: 1 | 2; readonly message?: string },
  ): unknown;
}

/** When a cron monitor expects something. */
export type SentrySchedule =
  | { readonly type: "crontab"; readonly value: string }
  | {
    readonly type: "interval";
    readonly value: number;
    readonly unit: "minute" | "hour" | "day";
  };

/** A Sentry SDK, as far as it is used. */
export interface SentrySdk {
  /** Reports an error. */
  captureException(error: unknown): unknown;
  /** Keeps what is said of one task from others. */
  withIsolationScope<T>(callback: (scope: SentryScope) => T): T;
  /** Goes on with a trace that began elsewhere. */
  continueTrace<T>(
    from: {
      readonly sentryTrace: string | undefined;
      readonly baggage: string | undefined;
    },
    callback: () => T,
  ): T;
  /** Measures a part of a trace. */
  startSpan<T>(
    options: {
      readonly name: string;
      readonly op: string;
      readonly attributes: Record<string, string | number>;
    },
    callback: (span: SentrySpan) => T,
  ): T;
  /** What carries the trace on. */
  getTraceData(): {
    readonly "sentry-trace"?: string | undefined;
    readonly baggage?: string | undefined;
  };
  /** What `init()` has made; `undefined` before it. */
  getClient?(): {
    getOptions(): {
      readonly tracesSampleRate?: unknown;
      readonly tracesSampler?: unknown;
    };
  } | undefined;
  /** Tells a cron monitor. */
  captureCheckIn(
    checkIn: {
      readonly monitorSlug: string;
      readonly status: "in_progress";
    } | {
      readonly monitorSlug: string;
      readonly status: "ok" | "error";
      readonly checkInId: string;
      readonly duration: number;
    },
    monitor?: {
      readonly schedule: SentrySchedule;
      readonly timezone: string;
    },
  ): string;
  /** Sends what has not been sent. */
  flush(timeout: number): PromiseLike<boolean>;
}
