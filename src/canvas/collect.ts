/**
 * The task that makes a list of a group's results, where something waits for
 * a list that no task of the user's takes.
 *
 * @module
 */

/** Its name; every worker knows it. */
export const COLLECT = "lovage.collect";

/** Returns what it takes. */
export function collect(results: unknown): unknown {
  return results;
}
