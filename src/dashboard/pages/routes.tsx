/**
 * The pages.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";

/** All pages of a dashboard. */
export function pageRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/", (c) =>
    c.html(
      <html lang="en">
        <title>Lovage</title>
        <h1>{context.internals.name}</h1>
      </html>,
    ));
  return router;
}
