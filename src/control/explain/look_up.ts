/**
 * Looks tasks up in both stores.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import type { TaskFacts } from "./facts.ts";
import { taskFacts } from "./read.ts";

/** What the stores have of tasks, in the order of the ids. */
export async function lookUp(
  { broker, backend }: OpenStores,
  ids: readonly string[],
): Promise<readonly TaskFacts[]> {
  if (ids.length === 0) return [];
  // In this order: of what ends in between there is a record.
  const live = await broker.inspector.find(ids);
  const records = await backend.results.fetch(ids);
  return ids.map((id, at) => taskFacts(id, live[at], records[at]));
}
