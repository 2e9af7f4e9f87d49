/**
 * The time that tasks wait.
 *
 * @module
 */

import type { Envelope } from "../message/envelope.ts";

/** How long a task was due before it began to run, in ms. */
export function queueTime(envelope: Envelope, startedAt: number): number {
  const { sentAt, eta = 0, retriedAt = 0 } = envelope;
  return Math.max(0, startedAt - Math.max(sentAt, eta, retriedAt));
}
