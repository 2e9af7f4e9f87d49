/**
 * What programs ask for.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";

/** All routes of the API. */
export function apiRoutes(_context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/healthcheck", (c) => c.text("OK"));
  return router;
}
