/**
 * Flower's REST API: its paths, parameters and reply shapes, so that scripts
 * written for it go on working.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../../context.ts";
import { taskRoutes } from "./tasks.ts";
import { taskOrderRoutes } from "./task_orders.ts";
import { workerRoutes } from "./workers.ts";

/** All of them. */
export function flowerRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.route("/", workerRoutes(context));
  router.route("/", taskRoutes(context));
  router.route("/", taskOrderRoutes(context));
  router.get("/api/queues/length", async (c) => {
    const queues = await context.data.queues();
    return c.json({
      active_queues: queues.map(({ name, queued }) => ({
        name,
        messages: queued,
      })),
    });
  });
  return router;
}
