/**
 * Which traces are begun here.
 *
 * @module
 */

import type { Check } from "../options.ts";

/** A share from 0 to 1, for all tasks or by the task's name. */
export type Sample = number | ((task: string) => number);

/** Whether a trace that begins with a task is taken. */
export function isTaken(sample: Sample | undefined, task: string): boolean {
  if (sample === undefined) return true;
  const share = typeof sample === "number" ? sample : sample(task);
  return share >= 1 || Math.random() < share;
}

/** Checks the option. */
export const isSample: Check = (value) =>
  typeof value === "function" ||
    typeof value === "number" && value >= 0 && value <= 1
    ? null
    : "a share from 0 to 1, or a function from a task's name to one";
