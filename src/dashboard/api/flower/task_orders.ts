/**
 * Flower's API of tasks: what can be done.
 *
 * @module
 */

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Done } from "../../../control/facts.ts";
import type { Replies } from "../../../control/replies.ts";
import type { Duration } from "../../../message/time.ts";
import type { Rate } from "../../../options.ts";
import type { CallOptions } from "../../../producer/call_options.ts";
import type { DashboardContext, DashboardEnv } from "../../context.ts";
import { given, isOn, text } from "./given.ts";
import { resultOf } from "./result.ts";

type Given = Readonly<Record<string, unknown>>;

/** `task/apply` waits so long for its result, in ms. */
const APPLY_WAIT = 60_000;

/** The routes. */
export function taskOrderRoutes(
  context: DashboardContext,
): Hono<DashboardEnv> {
  const { app } = context;
  const router = new Hono<DashboardEnv>();
  const send = async (name: string, all: Given) => {
    const { args = [] } = all;
    if (!Array.isArray(args)) {
      throw new HTTPException(400, { message: "args must be an array" });
    }
    return await app.sendTask(name, args, optionsOf(all));
  };
  router.post("/api/task/apply/:name", async (c) => {
    const { id } = await send(c.req.param("name"), await given(c));
    return c.json(await resultOf(context, id, APPLY_WAIT));
  });
  for (const path of ["async-apply", "send-task"]) {
    router.post(`/api/task/${path}/:name`, async (c) => {
      const { id } = await send(c.req.param("name"), await given(c));
      return c.json({ "task-id": id, state: "PENDING" });
    });
  }
  router.post("/api/task/revoke/:id", async (c) => {
    const { id } = c.req.param();
    const { terminate } = await given(c);
    await app.control.revoke(id, { terminate: isOn(terminate) });
    context.data.refresh();
    return c.json({ message: `Revoked '${id}'` });
  });
  router.post("/api/task/abort/:id", async (c) => {
    const { id } = c.req.param();
    await app.control.revoke(id);
    context.data.refresh();
    return c.json({ message: `Aborted '${id}'` });
  });
  router.post("/api/task/rate-limit/:name", async (c) => {
    const { ratelimit, workername } = await given(c);
    const rate = text(ratelimit) ?? "";
    const limit = /^\d+(\.\d+)?$/.test(rate) ? Number(rate) : rate as Rate;
    return told(
      await app.control.rateLimit(
        c.req.param("name"),
        limit,
        to(workername),
      ),
    );
  });
  router.post("/api/task/timeout/:name", async (c) => {
    const { soft, hard, workername } = await given(c);
    const limits = {
      ...(text(soft) === undefined ? {} : { soft: Number(soft) as Duration }),
      ...(text(hard) === undefined ? {} : { hard: Number(hard) as Duration }),
    };
    return told(
      await app.control.timeLimit(
        c.req.param("name"),
        limits,
        to(workername),
      ),
    );
  });
  return router;
}

function to(workername: unknown): { destination?: readonly string[] } {
  const worker = text(workername);
  return worker === undefined ? {} : { destination: [worker] };
}

function told({ replies, errors }: Replies<Done>): Response {
  const [done] = Object.values(replies);
  const [error] = Object.values(errors);
  return done === undefined
    ? Response.json({ message: error ?? "No worker answered" }, { status: 403 })
    : Response.json({ message: done.ok });
}

/** Celery's names of what can be said when a task is sent. */
const OPTIONS: Readonly<Record<string, keyof CallOptions>> = {
  kwargs: "kwargs",
  queue: "queue",
  routing_key: "queue",
  priority: "priority",
  countdown: "countdown",
  eta: "eta",
  expires: "expires",
  task_id: "taskId",
  headers: "headers",
  time_limit: "timeLimit",
  soft_time_limit: "softTimeLimit",
};

function optionsOf(all: Given): CallOptions {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(all)) {
    const option = OPTIONS[name];
    if (option !== undefined && value !== null) options[option] = value;
  }
  // What will not do is refused where it is sent.
  return options as CallOptions;
}
