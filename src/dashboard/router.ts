/**
 * All routes of the dashboard, and the doors before them.
 *
 * @module
 */

import { Hono } from "hono";
import { getPath } from "hono/utils/url";
import { actionRoutes } from "./actions/routes.ts";
import { apiRoutes } from "./api/routes.ts";
import type { DashboardContext, DashboardEnv } from "./context.ts";
import { explainError, nothingHere } from "./failure.ts";
import { readNotice } from "./notice.ts";
import { pageRoutes } from "./pages/routes.tsx";
import { withoutPrefix } from "./prefix.ts";
import { authenticate, readOnly } from "./security/authenticate.ts";
import { securityHeaders } from "./security/headers.ts";
import { bodyLimits, requestLimits } from "./security/limits.ts";
import { sameOrigin } from "./security/same_origin.ts";

/** The routes of a dashboard. */
export function routerOf(context: DashboardContext): Hono<DashboardEnv> {
  const { options } = context;
  const router = new Hono<DashboardEnv>({
    // The request stays as it is: a copy of it would ask for its signal, about
    // which Deno warns.
    getPath: (request) => withoutPrefix(getPath(request), options.urlPrefix),
  });
  router.use(securityHeaders());
  router.use(requestLimits(options.hosts));
  router.use(authenticate(options));
  router.use(sameOrigin(options.trustedOrigins, isApi));
  router.use(readOnly());
  router.use(bodyLimits());
  router.use(readNotice(context));
  router.route("/", apiRoutes(context));
  router.route("/", actionRoutes(context));
  router.route("/", pageRoutes(context));
  router.notFound((c) => nothingHere(context, c));
  router.onError((error, c) => explainError(context, error, c));
  return router;
}

function isApi(path: string): boolean {
  return path.startsWith("/api/");
}
