/**
 * Checks of limits that all workers keep together: whether the store counts
 * them as they were meant.
 *
 * @module
 */

import { list } from "../../words.ts";
import type { CheckContext, CheckedTask } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Limits are to be counted in one place, and of tasks that can be counted. */
export function checkClusterLimits(
  { app, running }: CheckContext,
): readonly Finding[] {
  if (app === null) return [];
  const { tasks, settings: { taskQueueLimits } } = app;
  const limited = tasks.filter(({ policy }) => policy.limits !== null);
  const hasLimits = limited.length > 0 || Object.keys(taskQueueLimits).length;
  if (!hasLimits) return [];
  const [store] = running.stores;
  const found = [
    ...uncounted(tasks, taskQueueLimits),
    ...store?.limitsAcrossQueues === false ? scattered(limited) : [],
  ];
  if (found.length > 0) return found;
  return [fine("clusterLimits", "Limits are counted for all workers together")];
}

/** Tasks that are gone before they run, in a queue that counts what runs. */
function uncounted(
  tasks: readonly CheckedTask[],
  limits: NonNullable<CheckContext["app"]>["settings"]["taskQueueLimits"],
): readonly Finding[] {
  const early = tasks.filter(({ policy, queue }) =>
    !policy.acksLate &&
    limits[queue ?? ""]?.some(({ kind }) => kind === "concurrency")
  );
  if (early.length === 0) return [];
  return [problem(
    "clusterLimits",
    `The concurrency of their queues (taskQueueLimits) cannot hold for tasks with acksLate: false, so that they cannot be sent there: ${
      list(early.map(({ name }) => name))
    }`,
    "Send them to another queue, or leave acksLate at true",
  )];
}

/** Limits of several queues, where each queue is counted by itself. */
function scattered(limited: readonly CheckedTask[]): readonly Finding[] {
  const queues = new Map<string, Set<string | null>>();
  for (const { name, policy: { limits }, queue } of limited) {
    for (const each of [limits?.rate, limits?.concurrency, limits?.unique]) {
      if (!each) continue;
      const what = typeof each.key === "string"
        ? `key ${JSON.stringify(each.key)}`
        : `task "${name}"`;
      const known = queues.get(what) ?? new Set();
      queues.set(what, known.add(queue));
    }
  }
  const over = [...queues].filter(([, known]) =>
    known.size > 1 || known.has(null)
  );
  if (over.length === 0) return [];
  return [warning(
    "clusterLimits",
    `This store counts limits and unique tasks for each queue by itself, so what goes to several queues may take each limit that often: ${
      list(over.map(([what]) => what))
    }`,
    "Send all tasks that share a limit to one queue, or let tasks wait in a store that is no cluster",
  )];
}
