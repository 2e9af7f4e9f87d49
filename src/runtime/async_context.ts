/**
 * Keeps the running task where many run on one event loop.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { ContextLocalStorage } from "@logtape/logtape";
import type { CurrentStorage, CurrentTask } from "../current.ts";

const storage = new AsyncLocalStorage<CurrentTask>();

/** Keeps what LogTape's `withContext` adds to records over awaits. */
export function logContextStorage(): ContextLocalStorage<
  Record<string, unknown>
> {
  return new AsyncLocalStorage<Record<string, unknown>>();
}

/** The storage of this process. */
export function taskStorage(): CurrentStorage {
  return storage;
}
