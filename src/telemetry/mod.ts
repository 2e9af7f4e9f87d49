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
 * instrument(app);
 * ```
 *
 * Deno exports them by itself: start it with `OTEL_DENO=true` and
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. On other runtimes an SDK of OpenTelemetry does.
 *
 * @module
 */

import { internalsOf } from "../internals.ts";
import { OpenTelemetry } from "./open_telemetry.ts";

/**
 * Traces and measures what an app sends and runs. Call it in the module that
 * makes the app, so that it holds for producers and for workers. Where nobody
 * exports, OpenTelemetry's API does nothing.
 *
 * @param app an app
 * @throws {TypeError} when it is no app of this version of Lovage
 */
export function instrument(app: object): void {
  internalsOf(app).telemetry.current ??= new OpenTelemetry();
}
