/**
 * All routes that take parameters and answer JSON, but for the actions.
 *
 * @module
 */

import { FLOWER } from "./flower/operations.ts";
import type { Operations } from "./operation.ts";
import { QUESTIONS } from "./questions.ts";

/** The dashboard's own, and Flower's. */
export const OPERATIONS: Operations = { ...QUESTIONS, ...FLOWER };
