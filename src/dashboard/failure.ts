/**
 * What is said when a request fails.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { ConfigError, LovageError, StoreError } from "../errors.ts";
import { refuse } from "./refusal.ts";

const log = getLogger(["lovage", "dashboard"]);

/** Answers with the sentence of an error, or says that it is in the log. */
export function explainError(error: Error, c: Context): Response {
  if (error instanceof HTTPException) {
    return refuse(c, error.status as 400, error.message);
  }
  if (error instanceof StoreError) return refuse(c, 503, error.message);
  if (error instanceof ConfigError) return refuse(c, 400, error.message);
  if (error instanceof LovageError) return refuse(c, 409, error.message);
  log.error("{method} {path} failed: {error}", {
    method: c.req.method,
    path: c.req.path,
    error,
  });
  return refuse(
    c,
    500,
    "This went wrong inside the dashboard; its log says more",
  );
}
