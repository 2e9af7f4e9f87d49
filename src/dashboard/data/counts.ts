/**
 * How many tasks are in which state.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import type { QueueRow } from "./types/fleet.ts";

/** Records by state, and what waits or is held, from the queues. */
export async function countStates(
  { backend }: OpenStores,
  queues: readonly QueueRow[],
): Promise<Readonly<Record<string, number>>> {
  const records = await backend.results.countByState();
  const sum = (column: "queued" | "scheduled" | "running") =>
    queues.reduce((total, queue) => total + queue[column], 0);
  return {
    ...records,
    PENDING: sum("queued"),
    SCHEDULED: sum("scheduled"),
    RECEIVED: Math.max(0, sum("running") - (records["STARTED"] ?? 0)),
  };
}
