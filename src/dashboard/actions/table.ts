/**
 * All actions, by name.
 *
 * @module
 */

import type { Action } from "./action.ts";
import { DEAD_ACTIONS } from "./dead.ts";
import { QUEUE_ACTIONS } from "./queues.ts";
import { SCHEDULE_ACTIONS } from "./schedules.ts";
import { TASK_ACTIONS } from "./tasks.ts";
import { WORKER_ACTIONS } from "./workers.ts";

/** What an operator can do. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  ...TASK_ACTIONS,
  ...QUEUE_ACTIONS,
  ...WORKER_ACTIONS,
  ...SCHEDULE_ACTIONS,
  ...DEAD_ACTIONS,
};
