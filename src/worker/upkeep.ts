/**
 * What any worker does for all: it takes back what silent workers held, and
 * drops results that have expired.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import type { OpenStores } from "../producer/stores.ts";
import type { Service } from "../service/service.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { Periodic } from "./periodic.ts";
import type { StoreLink } from "./store_link.ts";

const log = getLogger(["lovage", "worker"]);

const EXPIRY_INTERVAL = 30_000;
const EXPIRED_PER_CALL = 1000;

/** Takes back the tasks of workers that fell silent. */
export function recoverer(
  store: Store,
  lease: number,
  clock: Clock,
  heartbeat: Heartbeat,
  link: StoreLink,
): Service {
  return new Periodic(
    "recoverer",
    lease / 3,
    async () => {
      // After a pause of this machine everybody gets to beat first.
      if (!heartbeat.isFresh) return await heartbeat.beat();
      const reaped = await store.broker.reap();
      link.answered("tasks");
      // It has asked every server of the store.
      link.answered("all tasks");
      for (const { name, returned } of reaped) {
        log.warn(
          "Worker {name} fell silent; {count} of its tasks went back to their queues",
          { name, count: returned.length, returned },
        );
      }
    },
    clock,
    link,
  );
}

/** Drops results that have expired. */
export function janitor(
  { backend }: OpenStores,
  clock: Clock,
  link: StoreLink,
): Service {
  return new Periodic(
    "janitor",
    EXPIRY_INTERVAL,
    async () => {
      let dropped = EXPIRED_PER_CALL;
      while (dropped >= EXPIRED_PER_CALL) {
        dropped = await backend.results.expire(EXPIRED_PER_CALL);
        link.answered("tasks");
      }
    },
    clock,
    link,
  );
}
