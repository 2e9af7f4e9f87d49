/**
 * Whether the dashboard works: whether its stores answer.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { refuse } from "../refusal.ts";
import { askStores } from "../store_answers.ts";

/** A store that does not answer in this time is away, in ms. */
const PATIENCE = 2_000;

/** `/healthcheck`, as Flower has it. */
export function healthRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/healthcheck", async (c) => {
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), PATIENCE);
    try {
      const asked = askStores(context).then(() => "OK" as const);
      asked.catch(() => {});
      const answer = await Promise.race([asked, late.promise]);
      return answer === "OK"
        ? c.text("OK")
        : refuse(c, 503, `The store did not answer within ${PATIENCE} ms`);
    } finally {
      clearTimeout(timer);
    }
  });
  return router;
}
