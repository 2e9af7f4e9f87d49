/**
 * Flower's API of tasks: what can be asked.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { TaskFinder } from "../../../control/workflow/task_facts.ts";
import type { DashboardContext } from "../../context.ts";
import type { TaskQuery, TaskRow, TaskSort } from "../../data/types/tasks.ts";
import { operation, type Operations } from "../operation.ts";
import { text, whole } from "../query.ts";
import {
  flowerResult,
  flowerTask,
  flowerTasks,
  flowerTypes,
} from "./answers.ts";
import * as field from "./fields.ts";
import { LONGEST, resultOf } from "./result.ts";
import { flowerTask as shapeOf } from "./shapes.ts";

/** As many as Flower keeps, if nobody tells it otherwise. */
const MOST = 100_000;
/** So many are looked up at a time. */
const PAGE = 1_000;

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

const sortBy = z.enum(
  Object.keys(SORTS).flatMap((name) => [name, `-${name}`]) as [string],
);

const listed = field.parameters({
  limit: whole(0, MOST).default(PAGE),
  offset: whole(0, MOST).default(0),
  sort_by: sortBy.optional().describe("Without it, the latest first"),
  workername: field.name.optional(),
  taskname: field.name.optional(),
  state: field.name.optional().describe("Needed for those that wait or run"),
  received_start: field.time.optional(),
  received_end: field.time.optional(),
  search: text(500).optional()
    .describe("Text in arguments, result or error"),
});

type Listed = z.output<typeof listed>;

/** What can be asked about tasks. */
export const TASK_QUESTIONS: Operations = {
  "/api/tasks": operation({
    summary: "Flower: tasks by id",
    method: "get",
    input: listed,
    answer: flowerTasks,
    run: async (context, given) => {
      const rows = await rowsOf(context, given);
      const children = await childrenOf(context, rows.map(({ id }) => id));
      return Object.fromEntries(
        rows.map((row, at) => [row.id, shapeOf(row, children[at] ?? [])]),
      );
    },
  }),
  "/api/task/types": operation({
    summary: "Flower: the names of tasks",
    method: "get",
    input: field.none,
    answer: flowerTypes,
    run: async ({ data }) => ({ "task-types": await data.taskNames() }),
  }),
  "/api/task/info/{id}": operation({
    summary: "Flower: one task",
    method: "get",
    input: field.none,
    answer: flowerTask,
    run: async (context, _, id) => {
      const task = await context.data.task(id);
      if (task === null) return null;
      const [children = []] = await childrenOf(context, [id]);
      return shapeOf(task, children);
    },
  }),
  "/api/task/result/{id}": operation({
    summary: "Flower: the state and the result of a task",
    method: "get",
    input: field.parameters({
      timeout: field.seconds.optional()
        .describe(`How long to wait for it, in seconds; ${LONGEST} at most`),
    }),
    answer: flowerResult,
    run: (context, { timeout = 0 }, id) => resultOf(context, id, timeout),
  }),
};

/** Those from `offset` on, page by page: no list is made of all. */
async function rowsOf(
  { data }: DashboardContext,
  { limit, offset, ...given }: Listed,
): Promise<readonly TaskRow[]> {
  const last = offset + limit;
  if (last > MOST) {
    throw new HTTPException(400, {
      message:
        `offset and limit reach ${last}, and may reach ${MOST}: narrow it down with received_start and received_end`,
    });
  }
  const query = queryOf(given);
  const rows: TaskRow[] = [];
  let seen = 0;
  let cursor: string | undefined;
  while (seen < last) {
    const page = await data.tasks({ ...query, limit: PAGE, cursor });
    rows.push(
      ...page.tasks.slice(Math.max(0, offset - seen), Math.max(0, last - seen)),
    );
    seen += page.tasks.length;
    if (page.cursor === null) break;
    cursor = page.cursor;
  }
  return rows;
}

function queryOf(given: Omit<Listed, "limit" | "offset">): TaskQuery {
  const { sort_by = "-timestamp" } = given;
  const any = (value: string | undefined) =>
    value === "All" ? undefined : value;
  return {
    state: any(given.state),
    name: any(given.taskname),
    worker: any(given.workername),
    text: given.search,
    since: given.received_start,
    until: given.received_end,
    sort: SORTS[sort_by.replace(/^-/, "")] ?? "time",
    direction: sort_by.startsWith("-") ? "desc" : "asc",
  };
}

/** What tasks sent or led to: one look at the stores for a thousand. */
async function childrenOf(
  { stores, now }: DashboardContext,
  ids: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const facts = await new TaskFinder(await stores(), now()).find(ids);
  return facts.map(({ children }) => children);
}
