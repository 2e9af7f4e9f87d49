/**
 * Flower's REST API: its paths, parameters and reply shapes, so that scripts
 * written for it go on working.
 *
 * @module
 */

import type { Operations } from "../operation.ts";
import { TASK_ORDERS } from "./task_orders.ts";
import { TASK_QUESTIONS } from "./tasks.ts";
import { WORKER_ORDERS, WORKER_QUESTIONS } from "./workers.ts";

/** All of it. */
export const FLOWER: Operations = {
  ...WORKER_QUESTIONS,
  ...WORKER_ORDERS,
  ...TASK_QUESTIONS,
  ...TASK_ORDERS,
};
