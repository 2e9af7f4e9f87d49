/**
 * The store that tasks in isolates are given.
 *
 * @module
 */

import type { Store } from "../../contracts/store.ts";
import type { OpenStores } from "../../producer/stores.ts";

/**
 * One store for tasks from those of the worker. Where results are kept apart,
 * results go to the backend and all else to the broker. Nothing settles
 * atomically then: so the app in the isolate does not hand records to the
 * broker, but stores them by calls of their own.
 */
export function taskStore({ broker, backend, atomic }: OpenStores): Store {
  return {
    scheme: broker.scheme,
    address: broker.address,
    capabilities: {
      ...broker.capabilities,
      atomicSettlement: atomic,
      // A transaction does not travel between processes.
      transactions: false,
    },
    broker: broker.broker,
    results: backend.results,
    scheduler: broker.scheduler,
    bus: broker.bus,
    inspector: broker.inspector,
    deadLetters: broker.deadLetters,
    history: broker.history,
    // Both are the business of the worker.
    warnings: [],
    migrations: null,
    // The worker has opened both, and closes both.
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
