/**
 * What a task logs bears its name and id, whichever logger it takes. That is
 * seen to when there is a record: tasks that log nothing pay nothing.
 *
 * @module
 */

import type { LogRecord } from "@logtape/logtape";
import { currentTask } from "./current.ts";

/** A record with the task that it was made in, if it was made in one. */
export function withTask(record: LogRecord): LogRecord {
  const { category, properties } = record;
  if (properties["taskId"] !== undefined || isOwn(category)) return record;
  const current = currentTask();
  if (current === undefined) return record;
  const { task, id: taskId } = current;
  return { ...record, properties: { ...properties, task, taskId } };
}

/** What Lovage itself says is of no task, wherever it is said. */
function isOwn([root, room]: readonly string[]): boolean {
  return root === "lovage" && room !== "task" || root === "logtape";
}
