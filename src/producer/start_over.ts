/**
 * Ids that are used again, where a message and its result are not stored in
 * one step.
 *
 * @module
 */

import type { OpenStores } from "./stores.ts";

/**
 * A task is live a moment longer than its result is known. The last pause (ms)
 * of waiting for its end.
 */
const LONGEST_ENDING = 256;

/**
 * Drops the results of earlier tasks of these ids, unless they are live and
 * thus the same task. An atomic store does so itself, as it takes the message.
 */
export async function startOver(
  { broker, backend, atomic }: OpenStores,
  ids: readonly string[],
): Promise<void> {
  if (atomic) return;
  for (let ms = 1;; ms *= 2) {
    const live = await broker.inspector.find(ids);
    const held = ids.filter((_, index) => live[index] !== undefined);
    const isEnding = held.length > 0 &&
      (await backend.results.fetch(held)).some((record) => record?.ended);
    if (isEnding && ms <= LONGEST_ENDING) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      continue;
    }
    const old = ids.filter((_, index) => live[index] === undefined);
    if (old.length > 0) await backend.results.forget(old);
    return;
  }
}
