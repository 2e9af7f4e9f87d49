/**
 * Ends the waiting for a store that does not answer. What was asked goes on;
 * what comes of it is known to the next page.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";

/** Lets no page wait for long. */
export function patience(
  { trouble, now }: DashboardContext,
): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(trouble.late(now())),
      trouble.patience(now()),
    );
    try {
      await Promise.race([next(), late.promise]);
    } finally {
      clearTimeout(timer);
    }
    if (c.error === undefined) trouble.clear();
  };
}
