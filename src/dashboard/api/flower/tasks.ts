/**
 * Flower's API of tasks: what can be asked.
 *
 * @module
 */

import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { DashboardContext, DashboardEnv } from "../../context.ts";
import type { TaskRow, TaskSort } from "../../data/types.ts";
import { resultOf, waitMs } from "./result.ts";
import { flowerTask } from "./shapes.ts";

/** As many as Flower keeps would not be an answer; it has a limit, too. */
const MOST = 1_000;

const SORTS: Readonly<Record<string, TaskSort>> = {
  name: "name",
  state: "state",
  received: "time",
  started: "time",
  timestamp: "time",
  runtime: "runtime",
  worker: "worker",
  retries: "retries",
};

/** The routes. */
export function taskRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const { data } = context;
  const router = new Hono<DashboardEnv>();
  router.get("/api/tasks", async (c) => {
    const query = c.req.query();
    const limit = wholeOf(query["limit"], MOST);
    const offset = wholeOf(query["offset"], 0);
    const sortBy = query["sort_by"] ?? "";
    const { tasks } = await data.tasks({
      limit: Math.min(MOST, offset + limit),
      state: query["state"],
      name: query["taskname"],
      worker: query["workername"],
      text: query["search"],
      since: timeOf(query["received_start"]),
      until: timeOf(query["received_end"]),
      sort: SORTS[sortBy.replace(/^-/, "")] ?? "time",
      direction: sortBy !== "" && !sortBy.startsWith("-") ? "asc" : "desc",
    });
    const page = tasks.slice(offset, offset + limit);
    return c.json(
      Object.fromEntries(page.map((row: TaskRow) => [row.id, flowerTask(row)])),
    );
  });
  router.get(
    "/api/task/types",
    async (c) => c.json({ "task-types": await data.taskNames() }),
  );
  router.get("/api/task/info/:id", async (c) => {
    const { id } = c.req.param();
    const task = await data.task(id);
    return task === null
      ? c.json({ message: `Unknown task '${id}'` }, 404)
      : c.json(flowerTask(task));
  });
  router.get("/api/task/result/:id", async (c) => {
    const { id } = c.req.param();
    const timeout = waitMs(c.req.query("timeout"));
    return c.json(await resultOf(context, id, timeout));
  });
  return router;
}

function wholeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === "") return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new HTTPException(400, {
    message: `limit and offset must be whole numbers, not "${text}"`,
  });
}

/** Flower writes `2024-05-01 12:00`, in UTC. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const isLocal = /^\d{4}-\d\d-\d\d( |T)\d\d:\d\d(:\d\d)?$/.test(text);
  const at = Date.parse(isLocal ? `${text.replace(" ", "T")}Z` : text);
  if (Number.isFinite(at)) return at;
  throw new HTTPException(400, {
    message: `A time such as "2026-05-01 12:00" is wanted, not "${text}"`,
  });
}
