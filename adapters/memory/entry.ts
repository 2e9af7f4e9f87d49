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
  /** Neighbours in the line of its queue and priority. */
  previous: Entry | undefined;
  next: Entry | undefined;
}

/** The entry as a consumer gets it. */
export function toDelivery(entry: Entry): Delivery {
  const { id, task, queue, priority, eta, body } = entry.message;
  const { token, losses, cancelled } = entry;
  return { id, task, queue, priority, eta, body, token, losses, cancelled };
}

/** The entry as people see it. */
export function toLiveTask(entry: Entry): LiveTask {
  const { id, task, queue, priority, eta, body } = entry.message;
  const { status, consumer, losses, cancelled } = entry;
  return {
    ...{ id, task, queue, priority, eta, body },
    ...{ status, consumer, losses, cancelled },
  };
}
