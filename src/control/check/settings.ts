/**
 * Checks of settings.
 *
 * @module
 */

import { span } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Tasks are to be sent, not run at the call. */
export function checkEager({ app }: CheckContext): readonly Finding[] {
  if (app === null) return [];
  if (!app.settings.taskAlwaysEager) {
    return [
      fine("eager", "Tasks are sent to workers (taskAlwaysEager is off)"),
    ];
  }
  return [problem(
    "eager",
    "Tasks run at the call, in the process that sends them (taskAlwaysEager): no worker gets any",
    "Set taskAlwaysEager to true in tests only",
  )];
}

/** Results are to go away some day. */
export function checkExpiry({ app }: CheckContext): readonly Finding[] {
  if (app === null) return [];
  const { resultExpires, taskIgnoreResult } = app.settings;
  if (resultExpires !== null) {
    return [fine(
      "resultExpires",
      `Results are dropped after ${span(resultExpires)}`,
    )];
  }
  if (taskIgnoreResult) {
    return [fine("resultExpires", "No results are stored (taskIgnoreResult)")];
  }
  return [warning(
    "resultExpires",
    "Results are kept for ever (resultExpires is null): the store grows with every task",
    'Set resultExpires, for example to "1d", or taskIgnoreResult for what nobody reads',
  )];
}

/** What is sent cannot carry code. */
export function checkSerializer({ app }: CheckContext): readonly Finding[] {
  if (app === null) return [];
  return [
    fine("serializer", "Messages are JSON: to read one never runs any code"),
  ];
}
