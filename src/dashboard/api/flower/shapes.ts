/**
 * Tasks as Flower shows them: times in seconds, values as text.
 *
 * @module
 */

import type { TaskDetail, TaskRow } from "../../data/types.ts";

/** A task as Flower's API has it. */
export function flowerTask(
  row: TaskRow | TaskDetail,
): Readonly<Record<string, unknown>> {
  const { state, endedAt } = row;
  const endedAs = (wanted: string) =>
    state === wanted ? seconds(endedAt ?? row.updatedAt) : null;
  return {
    uuid: row.id,
    name: row.name,
    state: state === "SCHEDULED" ? "PENDING" : state,
    args: row.args,
    kwargs: "kwargsJson" in row ? row.kwargsJson ?? "{}" : "{}",
    result: row.result,
    exception: row.error,
    traceback: "failure" in row ? row.failure?.stack ?? null : null,
    worker: row.worker,
    retries: row.retries,
    eta: row.eta === null ? null : new Date(row.eta).toISOString(),
    expires: "expires" in row && row.expires !== null
      ? new Date(row.expires).toISOString()
      : null,
    sent: seconds(row.sentAt),
    received: seconds(row.receivedAt),
    started: seconds(row.startedAt),
    succeeded: endedAs("SUCCESS"),
    failed: endedAs("FAILURE"),
    retried: endedAs("RETRY"),
    revoked: endedAs("REVOKED"),
    rejected: null,
    runtime: row.runtime === null ? null : row.runtime / 1_000,
    timestamp: seconds(row.updatedAt),
    exchange: null,
    routing_key: row.queue,
    client: "origin" in row ? row.origin : null,
    root_id: "rootId" in row ? row.rootId : null,
    parent_id: "parentId" in row ? row.parentId : null,
    children: [],
    clock: 0,
  };
}

/** Epoch seconds. */
export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}
