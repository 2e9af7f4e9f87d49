/**
 * What programs ask for.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { notFor, operationRoutes } from "./operation_routes.ts";
import { OPERATIONS } from "./operations.ts";
import { Stream } from "./stream.ts";

const OTHERS = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"];

/** All routes of the API, but for the actions. */
export function apiRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  const stream = new Stream(context);
  router.route("/", healthRoutes(context));
  router.route("/", metricsRoutes(context));
  router.get("/api/v1/openapi.json", (c) => c.json(openApiDocument(context)));
  router.get("/api/v1/stream", (c) => stream.open(c));
  router.route("/", operationRoutes(context, OPERATIONS));
  for (const path of ["openapi.json", "stream"]) {
    router.all(`/api/v1/${path}`, (c) => notFor(c, "get"));
  }
  router.on(OTHERS, "/api/v1/actions/:name", (c) => notFor(c, "post"));
  return router;
}
