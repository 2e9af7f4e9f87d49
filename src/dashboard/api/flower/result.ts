/**
 * The result of a task, as Flower tells it.
 *
 * @module
 */

import { TimeoutError } from "../../../errors.ts";
import type { DashboardContext } from "../../context.ts";
import type { FlowerResult } from "./answers.ts";

/** Nobody is made to wait longer than that, in seconds. */
export const LONGEST = 60;

/** State and result of a task, waited for as many seconds as said. */
export async function resultOf(
  { app, data }: DashboardContext,
  id: string,
  wait: number,
): Promise<FlowerResult> {
  if (wait > 0) {
    await app.AsyncResult(id).get({ timeout: Math.min(LONGEST, wait) })
      .catch((error) => {
        // It is told below, with its state.
        if (error instanceof TimeoutError) return;
      });
  }
  const task = await data.task(id);
  const answer = { "task-id": id, state: shown(task?.state ?? "PENDING") };
  if (task === null || task.endedAt === null) return answer;
  const { failure } = task;
  if (failure !== null) {
    const { name, message, stack } = failure;
    return { ...answer, result: `${name}: ${message}`, traceback: stack };
  }
  return { ...answer, result: parsed(task.resultJson) };
}

function shown(state: string): string {
  return state === "SCHEDULED" ? "PENDING" : state;
}

function parsed(json: string | null): unknown {
  if (json === null) return null;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
