/**
 * What a worker that died may have published once more: where broker and
 * result backend are two stores, a task that follows from another can come
 * again after it has ended. Its record says so.
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
