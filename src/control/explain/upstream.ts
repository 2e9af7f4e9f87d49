/**
 * What a task has failed for: an error that is the consequence of another
 * task's names that task, which may again name another.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import type { TaskFacts } from "./facts.ts";
import { upstreamId } from "./ids.ts";
import { lookUp } from "./look_up.ts";
import { readError } from "./read.ts";

/** So far back is it followed: each step is a look at the stores. */
const MOST = 5;

/** The tasks whose failures led to that of a task, the nearest first. */
export async function upstreamOf(
  stores: OpenStores,
  task: TaskFacts,
): Promise<readonly TaskFacts[]> {
  const found: TaskFacts[] = [];
  const seen = new Set([task.id]);
  let at: TaskFacts | undefined = task;
  while (at !== undefined && found.length < MOST) {
    const id = upstreamId(readError(at.record));
    if (id === undefined || seen.has(id)) break;
    seen.add(id);
    [at] = await lookUp(stores, [id]);
    if (at !== undefined) found.push(at);
  }
  return found;
}
