/**
 * What an action came to, carried over to the page that comes next by a
 * cookie that lives for one page.
 *
 * @module
 */

import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { DashboardContext, DashboardEnv, Notice } from "./context.ts";

const COOKIE = "lovage-notice";
/** So much of a sentence fits into a cookie. */
const LONGEST = 500;

/** Reads it for pages; they take it as `c.var.notice`. */
export function readNotice(
  context: DashboardContext,
): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    const text = c.req.method === "GET" ? getCookie(c, COOKIE) : undefined;
    c.set("notice", text === undefined ? null : parse(text));
    await next();
    const isPage = (c.res.headers.get("content-type") ?? "").includes("html");
    if (text !== undefined && isPage) {
      deleteCookie(c, COOKIE, { path: pathOf(context) });
    }
  };
}

/** Leaves it for the next page. */
export function leaveNotice(
  context: DashboardContext,
  c: Context,
  { ok, text }: Notice,
): void {
  const value = `${ok ? "+" : "-"}${text.slice(0, LONGEST)}`;
  setCookie(c, COOKIE, value, {
    path: pathOf(context),
    httpOnly: true,
    sameSite: "Strict",
    maxAge: 60,
  });
}

function parse(text: string): Notice | null {
  return /^[+-]/.test(text)
    ? { ok: text.startsWith("+"), text: text.slice(1) }
    : null;
}

function pathOf({ options }: DashboardContext): string {
  return options.urlPrefix || "/";
}
