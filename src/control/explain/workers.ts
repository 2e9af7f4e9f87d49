/**
 * Workers as the store knows them. What a worker says about itself may come
 * from another version: what is not as expected is taken for absent.
 *
 * @module
 */

import { readRange } from "../autoscale.ts";
import type { ConsumerStats } from "../../contracts/inspector.ts";

/** A worker that the store knows. */
export interface KnownWorker {
  /** The id of the consumer. */
  readonly id: string;
  /** Its node name. */
  readonly name: string;
  /** Whether it was heard of within its lease. */
  readonly alive: boolean;
  /** For how long it has been silent, in ms. */
  readonly silent: number;
  /** How long it may be, in ms. */
  readonly lease: number;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** How many tasks it runs at a time; `null` when it does not say. */
  readonly slots: number | null;
  /** Whether it has as many slots as there is work, up to that. */
  readonly isScaled: boolean;
  /** How many it holds. */
  readonly held: number;
  /** Where its tasks run. */
  readonly pool: string | null;
  /** Its version of Lovage. */
  readonly version: string | null;
}

/** Whether a consumer runs tasks: one that only relays an outbox does not. */
export function isWorker({ details }: ConsumerStats): boolean {
  return details?.["relay"] !== true;
}

/**
 * The workers, by name.
 *
 * @param now epoch ms
 */
export function knownWorkers(
  consumers: readonly ConsumerStats[],
  now: number,
): readonly KnownWorker[] {
  return consumers.filter(isWorker).map(
    ({ id, name, lease, seenAt, held, details }) => {
      const { queues, concurrency, autoscale, pool, version } = details ?? {};
      const silent = Math.max(0, now - seenAt);
      return {
        id,
        name,
        alive: silent <= lease,
        silent,
        lease,
        held,
        queues: Array.isArray(queues) ? queues.map(textOf) : [],
        slots: typeof concurrency === "number" ? concurrency : null,
        isScaled: readRange(autoscale) !== null,
        pool: typeof pool === "string" ? pool : null,
        version: typeof version === "string" ? version : null,
      };
    },
  );
}

/** The order that gives these workers more slots. */
export function growth(workers: readonly KnownWorker[]): string {
  return workers.length > 0 && workers.every(({ isScaled }) => isScaled)
    ? "lovage control autoscale <max>"
    : "lovage control pool-grow";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
