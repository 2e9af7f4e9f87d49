/**
 * The dashboard's own JSON API.
 *
 * @module
 */

import { Hono } from "hono";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { mistakeIn } from "../mistake.ts";
import { refuse } from "../refusal.ts";
import { openApiDocument } from "./openapi.ts";
import { QUESTIONS } from "./questions.ts";
import { Stream } from "./stream.ts";

const BASE = "/api/v1";

/** The routes of the API. */
export function v1Routes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  const stream = new Stream(context);
  router.get(
    `${BASE}/openapi.json`,
    (c) => c.json(openApiDocument(context.url(BASE))),
  );
  router.get(`${BASE}/stream`, (c) => stream.open(c));
  for (const [path, question] of Object.entries(QUESTIONS)) {
    router.get(`${BASE}${path.replace("{name}", ":name")}`, async (c) => {
      const query = question.query.safeParse(c.req.query());
      if (!query.success) {
        return refuse(
          c,
          400,
          `A parameter will not do: ${mistakeIn(query.error)}`,
        );
      }
      const name = c.req.param("name") ?? "";
      const answer = await question.answer(context.data, query.data, name);
      return answer === null
        ? refuse(c, 404, `Nothing is known of "${name}"`)
        : c.json(answer);
    });
  }
  return router;
}
