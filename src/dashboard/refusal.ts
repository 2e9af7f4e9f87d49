/**
 * What a request is told that is not served: a sentence, in the form that it
 * was asked for.
 *
 * @module
 */

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Answers with a sentence: JSON below `/api`, plain text elsewhere. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  sentence: string,
): Response {
  const wantsJson = c.req.path.includes("/api/") ||
    (c.req.header("accept") ?? "").startsWith("application/json");
  return wantsJson
    ? c.json({ error: sentence }, status)
    : c.text(`${sentence}\n`, status);
}
