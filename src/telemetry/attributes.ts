/**
 * The names of OpenTelemetry's semantic conventions for messaging.
 *
 * Source: https://opentelemetry.io/docs/specs/semconv/messaging/
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";

/** The kinds of operations. */
export type Operation = "send" | "process";

/** What spans say of a task. */
export function attributesOf(
  envelope: Envelope,
  operation: Operation,
): Attributes {
  const { id, task, queue, priority, retries, group, rootId } = envelope;
  return {
    ...measured(queue, task, operation),
    "messaging.message.id": id,
    "messaging.message.conversation_id": rootId,
    "lovage.task.priority": priority,
    "lovage.task.retries": retries,
    ...(group === undefined ? {} : { "lovage.group.id": group }),
  };
}

/** The few of them that measurements are told apart by. */
export function measured(
  queue: string,
  task: string,
  operation: Operation,
): Attributes {
  return {
    "messaging.system": "lovage",
    "messaging.destination.name": queue,
    "messaging.operation.type": operation,
    "messaging.operation.name": operation,
    "lovage.task.name": task,
  };
}
