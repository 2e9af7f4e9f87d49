/**
 * Checks of retries: they are not to make an outage worse.
 *
 * @module
 */

import { count, list } from "../../words.ts";
import type { CheckContext, CheckedTask } from "./context.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** Retries are to come to an end, at growing distances. */
export function checkRetries({ app }: CheckContext): readonly Finding[] {
  if (app === null) return [];
  const retried = app.tasks.filter(({ options }) =>
    (options.autoretryFor ?? []).length > 0
  );
  const steady = retried.filter(({ options }) =>
    (options.retryBackoff ?? false) === false
  );
  const endless = app.tasks.filter(isEndless);
  const found = [
    ...some(
      steady,
      "retried at a steady pace, all at the same time after an outage",
      "Set retryBackoff: true",
    ),
    ...some(
      endless,
      "retried without end (maxRetries: null)",
      "Set maxRetries to a number",
    ),
  ];
  if (found.length > 0) return found;
  return [fine(
    "retries",
    retried.length === 0
      ? "No task is retried by itself"
      : "All tasks that are retried by themselves back off, and come to an end",
  )];
}

function some(
  tasks: readonly CheckedTask[],
  what: string,
  cure: string,
): readonly Finding[] {
  if (tasks.length === 0) return [];
  return [warning(
    "retries",
    `${count(tasks.length, "task")} ${
      tasks.length === 1 ? "is" : "are"
    } ${what}: ${list(tasks.map(({ name }) => name))}`,
    cure,
  )];
}

function isEndless({ options, policy }: CheckedTask): boolean {
  const { retryKwargs } = options;
  return retryKwargs?.maxRetries === undefined
    ? policy.maxRetries === null
    : retryKwargs.maxRetries === null;
}
