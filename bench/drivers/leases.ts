/**
 * A store that remembers by which time of its clock it leased what.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock, Delivery, Store } from "../../src/contracts/mod.ts";
import { loadStore } from "../../src/runtime/load_store.ts";
import { systemClock } from "../../src/service/clock.ts";

/** Told of what was leased, and when by the store's clock (epoch ms). */
export type OnLease = (deliveries: readonly Delivery[], at: number) => void;

/** The store of a URL, not opened yet, and its clock. */
export async function leasingStore(
  url: string,
  onLease: OnLease,
): Promise<{ readonly store: Store; readonly clock: Clock }> {
  // What a reservation reads last is the time that it leases at.
  const reading = new AsyncLocalStorage<{ last: number }>();
  const clock: Clock = {
    now() {
      const now = systemClock.now();
      const reader = reading.getStore();
      if (reader !== undefined) reader.last = now;
      return now;
    },
    timer: (ms, callback) => systemClock.timer(ms, callback),
  };
  const store = await loadStore(url, clock);
  const reserve = store.broker.reserve.bind(store.broker);
  store.broker.reserve = async (request) => {
    const reader = { last: 0 };
    const taken = await reading.run(reader, () => reserve(request));
    if (taken.length > 0) onLease(taken, reader.last);
    return taken;
  };
  return { store, clock };
}
