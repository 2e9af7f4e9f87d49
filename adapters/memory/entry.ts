/**
 * A live message in memory.
 *
 * @module
 */

import type {
  Delivery,
  LiveStatus,
  LiveTask,
  Message,
} from "../../src/contracts/mod.ts";

import type { Line } from "./lines.ts";

/** A live message and where it is. */
export interface Entry {
  message: Message;
  /** Its place in the order of arrival. */
  seq: number;
  status: LiveStatus;
  /** False once it was taken out. */
  live: boolean;
  consumer: string | null;
  token: number;
  losses: number;
  cancelled: boolean;
  /** Whether the task that runs is to be ended by force. */
  terminate: boolean;
  /** Whether its lease counts towards its limits. */
  takesRoom: boolean;
  /** The line that it waits in, when it has limits and is ready. */
  line: Line | undefined;
  /** Neighbours among those that are ready. */
  previous: Entry | undefined;
  next: Entry | undefined;
}

/** The entry as a consumer gets it. */
export function toDelivery(entry: Entry): Delivery {
  const { token, losses, cancelled } = entry;
  return { ...bare(entry.message), token, losses, cancelled };
}

/** The entry as people see it. */
export function toLiveTask(entry: Entry): LiveTask {
  const { status, consumer, losses, cancelled } = entry;
  return { ...bare(entry.message), status, consumer, losses, cancelled };
}

/** The message without what only its publication needs. */
export function bare(message: Message): Message {
  const { id, task, queue, priority, eta, body, limits, unique } = message;
  return limits || unique
    ? { id, task, queue, priority, eta, body, limits, unique }
    : { id, task, queue, priority, eta, body };
}
