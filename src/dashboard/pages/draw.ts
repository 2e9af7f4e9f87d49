/**
 * Draws a page for a request.
 *
 * @module
 */

import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { withoutPrefix } from "../prefix.ts";
import type { PageInfo } from "./parts/page_info.ts";
import type { View } from "./parts/view.ts";

/** What the parts of a page know of the request. */
export function pageInfo(
  context: DashboardContext,
  c: Context<DashboardEnv>,
): PageInfo {
  const { pathname, search } = new URL(c.req.url);
  const theme = getCookie(c, "lovage_theme");
  return {
    app: context.internals.name,
    user: c.var.viewer.user,
    canAct: c.var.viewer.readOnly !== true,
    notice: c.var.notice,
    here: withoutPrefix(pathname, context.options.urlPrefix) + search,
    now: context.now(),
    theme: theme === "light" || theme === "dark" ? theme : null,
    zone: getCookie(c, "lovage_zone") === "utc" ? "utc" : "local",
    url: (path) => context.url(path),
  };
}

/** Answers with a page. */
export async function draw(
  c: Context<DashboardEnv>,
  page: View,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  return c.html(`<!doctype html>${await page}`, status);
}
