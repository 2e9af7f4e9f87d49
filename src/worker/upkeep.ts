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

const log = getLogger(["lovage", "worker"]);

const EXPIRY_INTERVAL = 30_000;
const EXPIRED_PER_CALL = 1000;

/** Takes back the tasks of workers that fell silent. */
export function recoverer(
  store: Store,
  lease: number,
  clock: Clock,
  heartbeat: Heartbeat,
): Service {
  return new Periodic("recoverer", lease / 3, async () => {
    // After a pause of this machine everybody gets to beat first.
    if (!heartbeat.isFresh) return await heartbeat.beat();
    for (const { name, returned } of await store.broker.reap()) {
      log.warn(
        "Worker {name} fell silent; {count} of its tasks went back to their queues",
        { name, count: returned.length, returned },
      );
    }
  }, clock);
}

/** Drops results that have expired. */
export function janitor({ backend }: OpenStores, clock: Clock): Service {
  return new Periodic("janitor", EXPIRY_INTERVAL, async () => {
    let dropped = EXPIRED_PER_CALL;
    while (dropped === EXPIRED_PER_CALL) {
      dropped = await backend.results.expire(EXPIRED_PER_CALL);
    }
  }, clock);
}
