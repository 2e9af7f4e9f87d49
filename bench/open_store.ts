/**
 * A store of Lovage by its URL, for what is looked at or loaded without an
 * app.
 *
 * @module
 */

import type { Store } from "../src/contracts/mod.ts";
import { loadStore } from "../src/runtime/load_store.ts";
import { systemClock } from "../src/service/clock.ts";

/** Opens a store; the caller closes it. */
export async function openStore(url: string): Promise<Store> {
  const store = await loadStore(url, systemClock);
  await store.open();
  return store;
}
