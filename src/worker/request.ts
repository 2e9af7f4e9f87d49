/**
 * The request that a task sees, made from its envelope.
 *
 * @module
 */

import type { Envelope } from "../message/envelope.ts";
import type { TaskRequest } from "../task_request.ts";
import type { RunSurroundings } from "./runner.ts";

/** The request of a run. */
export function requestOf(
  envelope: Envelope,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  surroundings: RunSurroundings,
): TaskRequest {
  const { delivery } = surroundings;
  return {
    id: envelope.id,
    task: envelope.task,
    args,
    kwargs,
    retries: envelope.retries,
    headers: envelope.headers ?? {},
    eta: envelope.eta === undefined ? null : new Date(envelope.eta),
    expires: envelope.expires === undefined ? null : new Date(envelope.expires),
    rootId: envelope.rootId,
    parentId: envelope.parentId ?? null,
    group: envelope.group ?? null,
    groupIndex: envelope.groupIndex ?? null,
    chord: envelope.chord === true && envelope.chain === undefined,
    softTimeLimit: delivery.softLimit,
    timeLimit: delivery.hardLimit,
    deliveryInfo: {
      queue: delivery.queue,
      priority: delivery.priority,
      redelivered: delivery.losses > 0,
      losses: delivery.losses,
    },
    hostname: surroundings.hostname,
    isEager: surroundings.eager ?? false,
    calledDirectly: false,
  };
}
