/**
 * What checks look at in an app's code and settings.
 *
 * @module
 */

import type { Settings } from "../../settings.ts";
import type { Internals } from "../../internals.ts";
import { Router } from "../../producer/router.ts";
import type { AnyTask } from "../../task.ts";
import type { AppContext } from "./context.ts";

/** The app's settings, its tasks, and the names that they use. */
export async function describeApp(app: Internals): Promise<AppContext> {
  const settings = app.settings();
  const tasks = [...app.tasks.values()]
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
    .map((task) => ({
      name: task.name,
      options: task.options,
      policy: task.policy(settings),
      queue: queueOf(settings, task),
    }));
  const queues = new Set([
    settings.taskDefaultQueue,
    ...settings.taskQueues,
    ...tasks.map(({ queue, options }) =>
      queue ?? options.queue ?? settings.taskDefaultQueue
    ),
  ]);
  return {
    settings,
    tasks,
    queues: [...queues].toSorted(),
    ...await entriesOf(app),
  };
}

/** Where a task goes, unless that depends on the call. */
function queueOf(
  { taskRoutes, taskDefaultQueue }: Settings,
  { name, options }: AnyTask,
): string | null {
  try {
    const { queue } = new Router(taskRoutes).route(name, []);
    return queue ?? options.queue ?? taskDefaultQueue;
  } catch {
    // A route function that wants arguments; it decides at the call.
    return null;
  }
}

async function entriesOf(
  app: Internals,
): Promise<Pick<AppContext, "entries" | "entriesError">> {
  try {
    const all = await app.staticEntries.all(app.clock().now());
    return { entries: [...all.keys()], entriesError: null };
  } catch (error) {
    return { entries: [], entriesError: String((error as Error).message) };
  }
}
