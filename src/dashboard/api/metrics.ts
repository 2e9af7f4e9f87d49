/**
 * `/metrics` for Prometheus. What has Flower's names is what workers have
 * counted themselves, one by one, since they were started. What begins with
 * `lovage_` is in the store: it outlives workers and dashboard.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { Exposition } from "./exposition.ts";
import { addStoreMetrics } from "./store_metrics.ts";
import { addWorkerMetrics } from "./worker_metrics.ts";

/** The route. */
export function metricsRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/metrics", async (c) => {
    const out = new Exposition();
    await Promise.all([
      addWorkerMetrics(out, context),
      addStoreMetrics(out, context),
    ]);
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(out.toString());
  });
  return router;
}
