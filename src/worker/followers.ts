/**
 * The children of a task, as its record names them.
 *
 * @module
 */

import type { Next } from "./continuation.ts";

/** The most followers that a record names. */
const MOST_FOLLOWERS = 1_000;

/**
 * The ids of the tasks that a task sent while it ran, and of those that follow
 * from its end: callbacks, the next of its chain, members of groups, and the
 * bodies that these groups lead to. Of many followers, the first are named.
 */
export function childrenOf(
  sent: readonly string[] | undefined,
  { publish = [], groups = [], failed: [next] = [] }: Next,
): readonly string[] | undefined {
  if (next !== undefined) return [...sent ?? [], next.id];
  if (publish.length === 0 && groups.length === 0) return sent;
  // Without the bodies, nothing would lead to what comes after the groups.
  const bodies = groups.slice(0, MOST_FOLLOWERS).map(({ body }) => body.id);
  const direct = publish.slice(0, MOST_FOLLOWERS - bodies.length)
    .map(({ id }) => id);
  return [...sent ?? [], ...direct, ...bodies];
}
