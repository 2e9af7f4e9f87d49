/**
 * Refuses actions that come from pages of other sites.
 *
 * Browsers say with every request that is no plain visit where it comes from:
 * `Sec-Fetch-Site` on https and on this machine, `Origin` everywhere. A page
 * cannot forge either. What says neither was sent by no browser, so nobody
 * has lent it somebody's password: it may use the API, not the forms.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import { refuse } from "../refusal.ts";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a request says about where it comes from. */
export type Source = "same" | "other" | "no browser";

/** Where a request comes from. */
export function sourceOf(
  request: Request,
  trusted: ReadonlySet<string>,
): Source {
  const { headers } = request;
  const origin = headers.get("origin");
  if (origin !== null && trusted.has(origin)) return "same";
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" ? "same" : "other";
  if (origin === null) return "no browser";
  // The scheme is not compared: a proxy may have ended TLS.
  const host = headers.get("host") ?? new URL(request.url).host;
  return URL.canParse(origin) && new URL(origin).host === host
    ? "same"
    : "other";
}

/**
 * Refuses what a page of another site sends, whatever its content type.
 *
 * @param isApi whether a path is one that programs use
 */
export function sameOrigin(
  trusted: ReadonlySet<string>,
  isApi: (path: string) => boolean,
): MiddlewareHandler {
  return async (c, next) => {
    if (SAFE.has(c.req.method)) return await next();
    const source = sourceOf(c.req.raw, trusted);
    if (source === "same") return await next();
    if (source === "no browser" && isApi(c.req.path)) return await next();
    return refuse(
      c,
      403,
      source === "other"
        ? "This action was sent by a page of another site. Behind a proxy that changes the Host, allow its address with trustedOrigins (--trusted-origin)"
        : "Forms are for browsers: programs use the API under /api",
    );
  };
}
