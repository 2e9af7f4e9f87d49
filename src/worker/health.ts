/**
 * How a worker is doing, for those who decide whether to restart it and
 * whether to count on it.
 *
 * @module
 */

import type { Heartbeat } from "./heartbeat.ts";
import type { StoreLink } from "./store_link.ts";

/** How a worker is doing. */
export interface WorkerHealth {
  /** Why it should be restarted; `null` while it lives. */
  readonly ill: string | null;
  /** Why it takes no tasks, or not all; `null` while it does. */
  readonly idle: string | null;
}

/** What is looked at. */
export interface HealthParts {
  /** What keeps its leases. */
  readonly heartbeat: Pick<Heartbeat, "age" | "isFresh">;
  /** Whether its stores answer. */
  readonly links: Readonly<
    Record<"broker" | "backend", Pick<StoreLink, "trouble">>
  >;
  /** How long its leases last, in ms. */
  readonly lease: number;
  /** The queues that it serves. */
  readonly queues: () => readonly string[];
  /** Whether it was told to stop. */
  readonly isStopping: () => boolean;
}

/** How a worker is doing now. Asks nobody. */
export function healthOf(parts: HealthParts): WorkerHealth {
  const ill = whyIll(parts);
  return { ill, idle: whyIdle(parts) ?? ill };
}

/** A store that is away is no reason: a restart does not bring it back. */
function whyIll({ heartbeat, lease, links }: HealthParts): string | null {
  const { age } = heartbeat;
  if (age <= lease || links.broker.trouble !== null) return null;
  return `The last heartbeat is ${seconds(age)} old, and the lease ${
    seconds(lease)
  }, though its store is not known to be away: other workers take its tasks over`;
}

function whyIdle(parts: HealthParts): string | null {
  const { heartbeat, links, queues, isStopping } = parts;
  if (isStopping()) return "The worker is stopping";
  const trouble = links.broker.trouble ?? links.backend.trouble;
  if (trouble !== null) return trouble;
  if (!heartbeat.isFresh) {
    return `The store has not answered a heartbeat for ${
      seconds(heartbeat.age)
    }`;
  }
  if (queues().length > 0) return null;
  return "The worker serves no queue: give it one by `lovage control add-consumer`";
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
