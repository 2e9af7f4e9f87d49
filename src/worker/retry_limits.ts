/**
 * What limits a task that runs again: its arguments and its queue may be
 * others now.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import type { Attached } from "../producer/attachments.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

/** What limits a retry; what cannot be said stays as it was. */
export function retryLimits(
  app: Internals,
  { delivery, policy }: Held,
  { body, queue = delivery.queue }: Extract<Outcome, { kind: "retry" }>,
): Attached {
  const { limits, unique } = delivery;
  const isLimited = policy.limits !== null || limits !== undefined ||
    unique !== undefined ||
    app.settings().taskQueueLimits[queue] !== undefined;
  if (!isLimited) return {};
  try {
    const now = app.producer.attached(decodeEnvelope(body), queue);
    return { limits: now.limits, unique: now.unique };
  } catch {
    return { limits, unique };
  }
}
