/**
 * The names of OpenTelemetry's semantic conventions for messaging.
 *
 * Source: https://opentelemetry.io/docs/specs/semconv/messaging/
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";
import type { Envelope } from "../message/envelope.ts";
import { queueTime } from "./queue_time.ts";
import type { RunPlace } from "./telemetry.ts";

/** The kinds of operations. */
export type Operation = "send" | "process";

const DEFAULT_PRIORITY = 4;

/**
 * What the span of a run says, beside its name, which is that of the task.
 * What is ordinary is not said: each attribute costs a microsecond.
 */
export function attributesOfRun(
  envelope: Envelope,
  { delivery }: RunPlace,
  startedAt: number,
): Attributes {
  const attributes = attributesOf(envelope, "process", delivery.queue);
  attributes["lovage.task.queue_time"] = queueTime(envelope, startedAt) / 1_000;
  if (envelope.retries > 0) {
    attributes["lovage.task.retries"] = envelope.retries;
  }
  if (delivery.losses > 0) attributes["lovage.task.losses"] = delivery.losses;
  return attributes;
}

/** What the span of a publishing says. */
export function attributesOfSend(envelopes: readonly Envelope[]): Attributes {
  const [first] = envelopes;
  if (first !== undefined && envelopes.length === 1) {
    return attributesOf(first, "send", first.queue);
  }
  const attributes = operation("send");
  attributes["messaging.batch.message_count"] = envelopes.length;
  const queue = common(envelopes, ({ queue }) => queue);
  if (queue !== undefined) attributes["messaging.destination.name"] = queue;
  return attributes;
}

/** What all have in common, if they do. */
export function common(
  envelopes: readonly Envelope[],
  of: (envelope: Envelope) => string,
): string | undefined {
  const [first] = envelopes;
  if (first === undefined) return undefined;
  const value = of(first);
  return envelopes.every((each) => of(each) === value) ? value : undefined;
}

/** The few that measurements are told apart by. */
export function measured(
  queue: string,
  task: string,
  operation: Operation,
  error = "",
): Attributes {
  return {
    "messaging.system": "lovage",
    "messaging.operation.name": operation,
    "messaging.destination.name": queue,
    "lovage.task.name": task,
    ...(error === "" ? {} : { "error.type": error }),
  };
}

function attributesOf(
  { id, priority, group, rootId }: Envelope,
  name: Operation,
  queue: string,
): Attributes {
  const attributes = operation(name);
  attributes["messaging.destination.name"] = queue;
  attributes["messaging.message.id"] = id;
  if (rootId !== id) attributes["messaging.message.conversation_id"] = rootId;
  if (priority !== DEFAULT_PRIORITY) {
    attributes["lovage.task.priority"] = priority;
  }
  if (group !== undefined) attributes["lovage.group.id"] = group;
  return attributes;
}

function operation(name: Operation): Attributes {
  return {
    "messaging.system": "lovage",
    "messaging.operation.type": name,
    "messaging.operation.name": name,
  };
}
