/**
 * Ids that are used again, where a message and its result are not stored in
 * one step.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { OpenStores } from "./stores.ts";

const log = getLogger(["lovage", "producer"]);

/**
 * A task is live a moment longer than its result is known. The last pause (ms)
 * of waiting for its end.
 */
const LONGEST_ENDING = 256;

/**
 * Sends messages, for which the results of earlier tasks of their ids are
 * dropped, unless those are live and thus the same task. What is not sent in
 * the end keeps its result. An atomic store does so itself, as it takes the
 * message.
 *
 * @param send tells for each of the ids whether it was sent, as far as known
 */
export async function startingOver(
  stores: OpenStores,
  ids: readonly string[],
  send: () => Promise<readonly boolean[] | null>,
): Promise<readonly boolean[] | null> {
  if (stores.atomic) return await send();
  const dropped = await dropRecords(stores, ids);
  if (dropped.length === 0) return await send();
  try {
    const sent = await send();
    const refused = new Set(ids.filter((_, at) => sent?.[at] === false));
    await putBack(stores, dropped.filter(({ id }) => refused.has(id)));
    return sent;
  } catch (error) {
    await putBack(stores, dropped);
    throw error;
  }
}

/** @returns the records that were dropped */
async function dropRecords(
  { broker, backend }: OpenStores,
  ids: readonly string[],
): Promise<readonly ResultRecord[]> {
  for (let ms = 1;; ms *= 2) {
    const live = await broker.inspector.find(ids);
    const records = await backend.results.fetch(ids);
    const isEnding = ids.some((_, at) => live[at] && records[at]?.ended);
    if (isEnding && ms <= LONGEST_ENDING) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      continue;
    }
    const old = records.filter((record, at) =>
      record !== undefined && live[at] === undefined
    ) as ResultRecord[];
    if (old.length > 0) await backend.results.forget(old.map(({ id }) => id));
    return old;
  }
}

/** Puts back records of tasks that were not sent, as far as one can see. */
async function putBack(
  { broker, backend }: OpenStores,
  records: readonly ResultRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const ids = records.map(({ id }) => id);
  try {
    const live = await broker.inspector.find(ids)
      // It is away, which is why nothing was sent.
      .catch((): undefined[] => []);
    const newer = await backend.results.fetch(ids);
    await backend.results.store(
      records.filter((_, at) => !live[at] && !newer[at]),
    );
  } catch (error) {
    log.error(
      "Not sent again: {ids}; and their results could not be put back: {error}",
      { ids, error: String(error) },
    );
  }
}
