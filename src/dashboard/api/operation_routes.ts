/**
 * Makes routes of operations.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { refuse } from "../refusal.ts";
import { whileAnswered } from "../store_answers.ts";
import { bodyOf, held, queryOf } from "./input.ts";
import { type Operations, variablesIn } from "./operation.ts";

/** The routes of operations. */
export function operationRoutes(
  context: DashboardContext,
  operations: Operations,
): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  for (const [path, operation] of Object.entries(operations)) {
    const { method, input, run } = operation;
    const [variable] = variablesIn(path);
    const pattern = path.replace(/\{(\w+)\}/, ":$1");
    router.on(method.toUpperCase(), pattern, async (c) => {
      const given = method === "get" ? queryOf(c) : await bodyOf(c);
      const name = variable === undefined ? "" : c.req.param(variable) ?? "";
      if (name.includes("\0")) {
        return refuse(c, 400, `"${variable}" must be text without NUL`);
      }
      const answer = await whileAnswered(
        context,
        run(context, held(input, given), name),
      );
      return answer === null
        ? refuse(c, 404, `Nothing is known of "${name}"`)
        : c.json(answer);
    });
    router.all(pattern, (c) => notFor(c, method));
  }
  return router;
}

/** Refuses other methods than the one that a route has. */
export function notFor(c: Context, method: "get" | "post"): Response {
  const allowed = method === "get" ? "GET, HEAD" : "POST";
  c.header("allow", allowed);
  return refuse(c, 405, `${c.req.method} is not for this: use ${allowed}`);
}
