/**
 * Traces and measurements through OpenTelemetry: a trace from the caller
 * through the publishing of a task, its runs and retries, and all that follows
 * from it; and how many tasks there were, how long they waited and ran.
 *
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { instrument } from "@lovage/lovage/opentelemetry";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * instrument(app, { sample: 0.05 });
 * ```
 *
 * Deno exports them by itself: start it with `OTEL_DENO=true` and
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. On other runtimes an SDK of OpenTelemetry does.
 *
 * @module
 */

import { internalsOf } from "../internals.ts";
import { checkOptions } from "../options.ts";
import { OpenTelemetry } from "./open_telemetry.ts";
import { isSample } from "./sample.ts";

/** What {@linkcode instrument} takes. */
export interface InstrumentOptions {
  /**
   * Which traces are taken that begin with a task: a share from 0 to 1, for
   * all tasks or by the task's name. What is sent within a trace follows that
   * trace. It adds to a sampler of OpenTelemetry.
   *
   * @default {1}
   */
  readonly sample?: number | ((task: string) => number) | undefined;
}

/**
 * Traces and measures what an app sends and runs. Call it in the module that
 * makes the app, so that it holds for producers and for workers. Where nobody
 * exports, it does nothing.
 *
 * @param app an app
 * @throws {TypeError} when it is no app of this version of Lovage
 * @throws {ConfigError} for an option that will not do
 */
export function instrument(app: object, options: InstrumentOptions = {}): void {
  checkOptions("instrument()", options, { sample: isSample });
  internalsOf(app).telemetry.use(() => new OpenTelemetry(options.sample));
}
