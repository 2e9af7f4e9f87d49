/**
 * Keeps the running task where many run on one event loop.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { CurrentStorage, CurrentTask } from "../current.ts";

const storage = new AsyncLocalStorage<CurrentTask>();

/** The storage of this process. */
export function taskStorage(): CurrentStorage {
  return storage;
}
