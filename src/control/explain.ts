/**
 * Says in sentences where a task is and why it does not run.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import type { Explanation } from "./explain/explanation.ts";
import { type FindEntry, gather } from "./explain/gather.ts";
import { tell } from "./explain/tell.ts";

/**
 * Explains a task.
 *
 * @param findEntry finds a schedule entry by its name
 * @throws {StoreError} when a store does not answer
 */
export async function explain(
  app: Internals,
  findEntry: FindEntry,
  id: string,
): Promise<Explanation> {
  return tell(await gather(app, findEntry, id));
}
