/**
 * The result of a task, as Flower tells it.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import { TimeoutError } from "../../../errors.ts";
import type { DashboardContext } from "../../context.ts";

/** Nobody is made to wait longer than that, in ms. */
const LONGEST = 60_000;

/** How long to wait, from seconds as text; `null` is not at all. */
export function waitMs(text: unknown): number | null {
  if (text === undefined || text === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) {
    return Math.min(LONGEST, seconds * 1_000);
  }
  throw new HTTPException(400, {
    message: `timeout must be seconds, not ${JSON.stringify(text)}`,
  });
}

/** State and result of a task, waited for as long as said. */
export async function resultOf(
  { app, data }: DashboardContext,
  id: string,
  wait: number | null,
): Promise<Readonly<Record<string, unknown>>> {
  if (wait !== null) {
    await app.AsyncResult(id).get({ timeout: wait / 1_000 || 0.001 })
      .catch((error) => {
        // It is told below, with its state.
        if (error instanceof TimeoutError) return;
      });
  }
  const task = await data.task(id);
  const state = task?.state ?? "PENDING";
  const answer = { "task-id": id, state };
  if (task?.failure !== null && task?.failure !== undefined) {
    return {
      ...answer,
      result: `${task.failure.name}: ${task.failure.message}`,
      traceback: task.failure.stack,
    };
  }
  return { ...answer, result: parsed(task?.resultJson ?? null) };
}

function parsed(json: string | null): unknown {
  if (json === null) return null;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
