/**
 * What is said when a request fails: JSON to programs, a line to scripts of
 * pages, a page to people.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ConfigError, LovageError, StoreError } from "../errors.ts";
import type { DashboardContext, DashboardEnv } from "./context.ts";
import { drawFailure } from "./pages/draw_failure.tsx";
import { refuse } from "./refusal.ts";
import { addressesOf } from "./store_answers.ts";

const log = getLogger(["lovage", "dashboard"]);

const IN_DOUBT =
  ". It is not known whether this was done: look before doing it again";

/** What there is to say of an error. */
interface Said {
  readonly status: ContentfulStatusCode;
  /** In a few words. */
  readonly title: string;
  readonly sentence: string;
  /** Whether a store has failed. */
  readonly byStore?: true;
}

/** Answers with the sentence of an error, or says that it is in the log. */
export function explainError(
  context: DashboardContext,
  error: Error,
  c: Context<DashboardEnv>,
): Response | Promise<Response> {
  if (error instanceof StoreError) context.trouble.note(error, context.now());
  const said = say(error);
  if (said.status === 500) {
    log.error("{method} {path} failed: {error}", {
      method: c.req.method,
      path: c.req.path,
      error,
    });
  }
  return answer(context, c, said);
}

/** Answers that there is nothing. */
export function nothingHere(
  context: DashboardContext,
  c: Context<DashboardEnv>,
): Response | Promise<Response> {
  return answer(context, c, {
    status: 404,
    title: "Not found",
    sentence: "There is nothing at this address",
  });
}

function say(error: Error): Said {
  const { message: sentence } = error;
  if (error instanceof HTTPException) {
    return { status: error.status as 400, title: "Refused", sentence };
  }
  if (error instanceof StoreError) {
    const title = error.transient
      ? "The store does not answer"
      : "The store cannot be used";
    return { status: 503, title, sentence, byStore: true };
  }
  if (error instanceof ConfigError) {
    return { status: 400, title: "This cannot be done", sentence };
  }
  if (error instanceof LovageError) {
    return { status: 409, title: "This cannot be done", sentence };
  }
  return {
    status: 500,
    title: "The dashboard has failed",
    sentence: "This went wrong inside the dashboard; its log says more",
  };
}

function answer(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  { status, title, sentence, byStore }: Said,
): Response | Promise<Response> {
  if (!wantsPage(c)) {
    const doubt = byStore && c.req.method === "POST" ? IN_DOUBT : "";
    return refuse(c, status, `${sentence}${doubt}`);
  }
  return drawFailure(context, c, status, {
    title,
    sentence,
    stores: byStore ? storesOf(context) : null,
  });
}

/** Whether a person waits for it, of whom it is known that he may look. */
function wantsPage(c: Context<DashboardEnv>): boolean {
  return c.var.viewer !== undefined && !c.req.path.startsWith("/api/") &&
    c.req.header("hx-request") === undefined &&
    (c.req.header("accept") ?? "").includes("text/html");
}

function storesOf(context: DashboardContext) {
  return { ...addressesOf(context), since: context.trouble.since };
}
