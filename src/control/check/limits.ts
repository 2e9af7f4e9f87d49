/**
 * Checks of time limits: a task without one can hold a slot for ever.
 *
 * @module
 */

import { count, list } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** Each task is to have a limit, and where it runs, it is to be kept. */
export function checkLimits(
  { app, running }: CheckContext,
): readonly Finding[] {
  if (app === null) return [];
  return [
    unlimited(app.tasks),
    ...unenforced(app.tasks, running),
  ];
}

type Tasks = NonNullable<CheckContext["app"]>["tasks"];

function unlimited(tasks: Tasks): Finding {
  const without = tasks.filter(({ policy }) => policy.timeLimit === null);
  if (without.length === 0) {
    return fine(
      "timeLimits",
      tasks.length === 0
        ? "The app has no tasks"
        : "All tasks have a hard time limit",
    );
  }
  const are = without.length === 1 ? "has" : "have";
  return warning(
    "timeLimits",
    `${
      count(without.length, "task")
    } ${are} no hard time limit, so that one that hangs holds its slot for ever: ${
      list(without.map(({ name }) => name))
    }`,
    "Set taskTimeLimit for all, or timeLimit for each",
  );
}

function unenforced(
  tasks: Tasks,
  { workers }: CheckContext["running"],
): readonly Finding[] {
  const limited = tasks.some(({ policy }) => policy.timeLimit !== null);
  const onLoop = workers.filter(({ alive, pool }) => alive && pool === "async");
  if (!limited || onLoop.length === 0) return [];
  return [warning(
    "timeLimits",
    `Hard time limits cannot stop a busy loop in the async pool of ${
      list(onLoop.map(({ name }) => name))
    }`,
    "Run tasks that compute in the isolate pool: lovage worker --pool isolate",
  )];
}
