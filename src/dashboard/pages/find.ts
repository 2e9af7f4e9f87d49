/**
 * Where the search in the bar at the top leads.
 *
 * @module
 */

import type { DashboardData } from "../data/types/data.ts";
import {
  queuePath,
  schedulePath,
  taskPath,
  tasksPath,
  workerPath,
} from "./links.ts";

/** The path of what is meant: a thing of this name, or a search for a text. */
export async function findPath(
  data: DashboardData,
  given: string,
): Promise<string> {
  const text = given.trim();
  if (text === "") return "/tasks";
  const [task, names, queue, workers, schedule] = await Promise.all([
    data.task(text),
    data.taskNames(),
    data.queue(text),
    data.workers(),
    data.schedule(text),
  ]);
  if (task !== null) return taskPath(text);
  if (names.includes(text)) return tasksPath({ name: text });
  if (queue !== null) return queuePath(text);
  const worker = workers.find(({ name }) =>
    name === text || name.startsWith(`${text}@`)
  );
  if (worker !== undefined) return workerPath(worker.name);
  if (schedule !== null) return schedulePath(text);
  return tasksPath({ text });
}
