/**
 * Errors as OpenTelemetry tells them.
 *
 * @module
 */

import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { decodeError } from "../message/error_codec.ts";
import type { RunEnd, RunPlace } from "./telemetry.ts";

/** Kinds of ends that are no success. */
const FAILED = new Set(["failure", "lost"]);

/** The class of an encoded error. */
export function errorType(error: string | undefined): string {
  return error === undefined ? "_OTHER" : decodeError(error).name;
}

/** Tells a span how its run ended and with which worker, if that is not well. */
export function tellEnd(
  span: Span,
  { kind, error }: Pick<RunEnd, "kind" | "error">,
  { hostname }: RunPlace,
): void {
  if (kind === "success") return;
  span.setAttributes({
    "lovage.task.outcome": kind,
    "messaging.client.id": hostname,
  });
  if (error === undefined) return;
  const known = decodeError(error);
  if (FAILED.has(kind)) fail(span, known);
  else span.recordException(known);
}

/** Tells a span that it failed. */
export function fail(span: Span, error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  span.recordException(known);
  span.setAttribute("error.type", known.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: known.message });
}
