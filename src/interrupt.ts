/**
 * Why a run is to end before it has returned, and the error that says so.
 *
 * @module
 */

import {
  SoftTimeLimitExceeded,
  TaskRevokedError,
  WorkerShutdown,
} from "./errors.ts";
import type { TaskRequest } from "./task_request.ts";

/** Why a run is to end. */
export type InterruptReason = "soft-limit" | "revoked" | "shutdown";

/** What a task that is to end is told. */
export function interruptError(
  request: TaskRequest,
  reason: InterruptReason,
): Error {
  const task = `Task "${request.task}" (${request.id})`;
  switch (reason) {
    case "soft-limit":
      return new SoftTimeLimitExceeded(
        `${task} took longer than its soft time limit of ${request.softTimeLimit} ms`,
      );
    case "revoked":
      return new TaskRevokedError(`${task} was revoked while it ran`);
    case "shutdown":
      return new WorkerShutdown(`${task} is to end: its worker stops`);
  }
}
