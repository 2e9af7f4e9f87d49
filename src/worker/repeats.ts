/**
 * What a worker that died may have done already. Where broker and result
 * backend are two stores, a task that follows from another can come again
 * after it has ended; its record says so. So do the records of later steps,
 * which are stored before the settlement that they belong to.
 *
 * @module
 */

import type { Delivery } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { decodeMeta } from "../message/result_meta.ts";
import type { OpenStores } from "../producer/stores.ts";

/** The ids of deliveries that have been done already. */
export async function repeatsAmong(
  { backend }: OpenStores,
  deliveries: readonly Delivery[],
): Promise<ReadonlySet<string>> {
  const followers = deliveries.filter(isFollower);
  if (followers.length === 0) return new Set();
  const records = await backend.results.fetch(followers.map(({ id }) => id))
    // The backend is away: to run twice is better than not at all.
    .catch((): undefined[] => []);
  return new Set(
    followers.filter((each, at) => hasEnded(each, records[at]))
      .map(({ id }) => id),
  );
}

/** Those of some records whose tasks have no end yet. */
export async function notEnded(
  { backend }: OpenStores,
  records: readonly ResultRecord[],
): Promise<readonly ResultRecord[]> {
  const known = await backend.results.fetch(records.map(({ id }) => id))
    // To say it twice is better than not at all.
    .catch((): undefined[] => []);
  return records.filter((_, at) => known[at]?.ended !== true);
}

// One that was lost before may have ended without saying what follows.
function isFollower({ losses, body }: Delivery): boolean {
  return losses === 0 &&
    (body.includes('"parentId"') || body.includes('"header":{'));
}

/** Whether this very sending of a task has ended, not one of before. */
function hasEnded(
  { id, body }: Delivery,
  record: ResultRecord | undefined,
): boolean {
  if (record?.ended !== true) return false;
  try {
    const { parentId, rootId, header, sentAt } = decodeEnvelope(body);
    const meta = decodeMeta(record.meta);
    // The body of a chord that no task has sent.
    if (parentId === undefined && header !== undefined) {
      return meta.times?.["PENDING"] === sentAt;
    }
    return parentId !== undefined && meta.parentId === parentId &&
      (meta.rootId ?? id) === rootId;
  } catch {
    // A worker says what is wrong with it.
    return false;
  }
}
