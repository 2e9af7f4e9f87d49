/**
 * The signals that Flower and Celery end a task with, as far as they mean
 * something here: no process of a worker is sent one, the worker does what it
 * would do.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import type { DashboardContext } from "../../context.ts";

/** What each has a worker do with a task that runs. */
const MEANS: Readonly<Record<string, "ask" | "end" | "kill">> = {
  INT: "ask",
  USR1: "ask",
  TERM: "end",
  QUIT: "end",
  KILL: "kill",
};

const NUMBERS: Readonly<Record<string, string>> = {
  2: "INT",
  3: "QUIT",
  9: "KILL",
  10: "USR1",
  15: "TERM",
};

/**
 * Whether a running task is ended by force; else it is asked to stop.
 *
 * @throws {HTTPException} 400 for a signal that means nothing, 409 for one
 * that the pool cannot give: on an event loop nothing can be killed
 */
export async function isForced(
  { data }: DashboardContext,
  id: string,
  signal: string,
): Promise<boolean> {
  const name = signal.toUpperCase().replace(/^SIG/, "");
  const means = MEANS[NUMBERS[name] ?? name];
  if (means === undefined) {
    throw new HTTPException(400, {
      message: `"signal" must be one of ${
        Object.keys(MEANS).map((each) => `SIG${each}`).join(", ")
      }, not ${
        JSON.stringify(signal)
      }: SIGINT and SIGUSR1 ask a task to stop, the others end it`,
    });
  }
  if (means !== "kill") return means === "end";
  const task = await data.task(id);
  if (task?.can.terminate !== true) return true;
  const worker = (await data.workers()).find(({ name, online }) =>
    online && name === task.worker
  );
  if (worker?.pool !== "async") return true;
  throw new HTTPException(409, {
    message:
      `Task ${id} cannot be killed: worker ${worker.name} runs it on its event loop (pool "async"), where it can only be asked to stop (SIGINT) or be given up (SIGTERM). Nothing was done`,
  });
}
