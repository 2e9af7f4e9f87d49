/**
 * The routes of actions: `/actions/<name>` takes forms and leads back to a
 * page, `/api/v1/actions/<name>` takes and answers JSON.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { type Context, Hono } from "hono";
import { ConfigError, LovageError, StoreError } from "../../errors.ts";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { jsonOf, namesIn } from "../api/input.ts";
import { mistakeIn, strangerAmong } from "../mistake.ts";
import { leaveNotice } from "../notice.ts";
import { refuse } from "../refusal.ts";
import { whileAnswered } from "../store_answers.ts";
import type { ActionResult } from "./action.ts";
import { ACTIONS } from "./table.ts";

const log = getLogger(["lovage", "dashboard"]);

/** The routes of actions. */
export function actionRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.post("/api/v1/actions/:name", async (c) => {
    const input = await jsonOf(c);
    const stranger = strangerIn(c.req.param("name"), input);
    if (stranger !== null) return refuse(c, 400, stranger);
    const result = await perform(context, c, input);
    if (result === null) return unknownAction(c);
    const { ok, text, details, mistaken = false } = result;
    if (mistaken) return refuse(c, 400, text);
    return c.json({ ok, text, ...details }, ok ? 200 : 409);
  });
  router.post("/actions/:name", async (c) => {
    const { back, ...input } = await formIn(c);
    const result = await perform(context, c, input);
    if (result === null) return unknownAction(c);
    leaveNotice(context, c, result);
    const target = context.url(pathIn(context, back) ?? "/");
    if (c.req.header("hx-request") === undefined) {
      return c.redirect(target, 303);
    }
    // htmx goes there itself: a redirect would be followed unseen by it.
    c.header("hx-redirect", target);
    return c.body(null, 204);
  });
  return router;
}

/** Does it; `null` when there is no such action. */
async function perform(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  input: unknown,
): Promise<ActionResult | null> {
  const name = c.req.param("name") ?? "";
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) return null;
  const read = action.input.safeParse(input);
  if (!read.success) {
    const mistake = mistakeIn(read.error, input);
    return {
      ok: false,
      text: `Nothing was done: ${mistake}`,
      mistaken: true,
    };
  }
  const done = action.run(context, read.data).catch(sentenceOf);
  const result = await whileAnswered(context, done);
  context.data.refresh();
  log.info("{user} did {action} with {input}: {text}", {
    user: c.var.viewer.user || "somebody",
    action: name,
    input: read.data,
    text: result.text,
  });
  return result;
}

/** What Lovage refuses is an answer; what breaks is not. */
function sentenceOf(error: unknown): ActionResult {
  if (error instanceof LovageError && !(error instanceof StoreError)) {
    const mistaken = error instanceof ConfigError;
    return { ok: false, text: error.message, mistaken };
  }
  throw error;
}

function unknownAction(c: Context): Response {
  return refuse(c, 404, "There is no such action");
}

/** Of a form, hidden fields are left out of account; of JSON, nothing is. */
function strangerIn(name: string, input: object): string | null {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) return null;
  const known = namesIn(action.input);
  const strangers = Object.keys(input).filter((key) => !known.includes(key));
  return strangers.length === 0 ? null : strangerAmong(strangers, known);
}

/** The fields of a form: several of one name are a list. */
async function formIn(c: Context): Promise<Record<string, unknown>> {
  const fields = await c.req.parseBody({ all: true });
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      [value].flat().every((each) => typeof each === "string")
    ),
  );
}

/** A path of the dashboard, without its prefix; `null` for anything else. */
function pathIn(
  { options }: DashboardContext,
  back: unknown,
): string | null {
  if (typeof back !== "string" || !/^\/(?![/\\])/.test(back)) return null;
  // Resolved as a browser would, so that no trick leads elsewhere.
  const base = "http://dashboard.invalid";
  if (!URL.canParse(back, base)) return null;
  const { origin, pathname, search, hash } = new URL(back, base);
  if (origin !== base) return null;
  const { urlPrefix } = options;
  const inner = urlPrefix !== "" && `${pathname}/`.startsWith(`${urlPrefix}/`)
    ? pathname.slice(urlPrefix.length) || "/"
    : pathname;
  return `/${inner.replace(/^\/+/, "")}${search}${hash}`;
}
