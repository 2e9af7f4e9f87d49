/**
 * What programs ask for.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { flowerRoutes } from "./flower/routes.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { v1Routes } from "./v1.ts";

/** All routes of the API. */
export function apiRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.route("/", healthRoutes(context));
  router.route("/", metricsRoutes(context));
  router.route("/", v1Routes(context));
  router.route("/", flowerRoutes(context));
  return router;
}
