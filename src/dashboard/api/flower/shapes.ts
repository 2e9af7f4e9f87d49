/**
 * Tasks as Flower shows them: times in seconds, values as text.
 *
 * @module
 */

import type { TaskDetail, TaskRow } from "../../data/types/tasks.ts";
import type { FlowerTask } from "./answers.ts";

/** A task as Flower's API has it. */
export function flowerTask(
  row: TaskRow | TaskDetail,
  children: readonly string[],
): FlowerTask {
  const { state, endedAt } = row;
  const endedAs = (wanted: string) =>
    state === wanted ? seconds(endedAt ?? row.updatedAt) : null;
  const detail = "argsJson" in row ? row : null;
  const parent = detail?.parentId ?? null;
  const root = detail?.rootId ?? null;
  return {
    uuid: row.id,
    name: row.name,
    state: state === "SCHEDULED" ? "PENDING" : state,
    args: detail?.argsJson ?? row.args,
    kwargs: detail?.kwargsJson ?? "{}",
    result: row.result,
    exception: row.error,
    traceback: detail?.failure?.stack ?? null,
    worker: row.worker,
    retries: row.retries,
    eta: iso(row.eta),
    expires: iso(detail?.expires ?? null),
    sent: seconds(row.sentAt),
    received: seconds(row.receivedAt),
    started: seconds(row.startedAt),
    succeeded: endedAs("SUCCESS"),
    failed: endedAs("FAILURE"),
    retried: endedAs("RETRY"),
    revoked: endedAs("REVOKED"),
    rejected: null,
    runtime: seconds(row.runtime),
    timestamp: seconds(row.updatedAt),
    exchange: null,
    routing_key: row.queue,
    client: detail?.origin ?? null,
    root,
    root_id: root,
    parent,
    parent_id: parent,
    children: [...children],
    clock: 0,
  };
}

/** Seconds. */
export function seconds(ms: number): number;
export function seconds(ms: number | null): number | null;
export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
