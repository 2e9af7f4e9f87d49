/**
 * Draws the page of a failure for a request.
 *
 * @module
 */

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { draw, pageInfo } from "./draw.ts";
import { FailedPage, type FailedProps } from "./failed.tsx";

/** Answers with a page that says what failed. */
export function drawFailure(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  status: ContentfulStatusCode,
  what: Pick<FailedProps, "title" | "sentence" | "stores">,
): Promise<Response> {
  const page = pageInfo(context, c);
  const isLook = c.req.method === "GET" || c.req.method === "HEAD";
  return draw(
    c,
    <FailedPage
      page={page}
      {...what}
      kind={isLook ? "page" : "action"}
      again={isLook ? page.here : cameFrom(context, c)}
    />,
    status,
  );
}

/** The page of the dashboard whose form was sent, without the prefix. */
function cameFrom(
  { options: { urlPrefix } }: DashboardContext,
  c: Context,
): string {
  const referer = c.req.header("referer") ?? "";
  if (!URL.canParse(referer)) return "/";
  const { pathname, search } = new URL(referer);
  if (!pathname.startsWith(`${urlPrefix}/`)) return "/";
  return `${pathname.slice(urlPrefix.length)}${search}`;
}
