/**
 * Keeps what belongs to a task where several are on one event loop.
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

/** Keeps a value for everything that a call starts. */
export interface ContextStorage<T> {
  /** Runs a function with this value as the current one. */
  run<R>(value: T, run: () => R): R;
  /** The current value. */
  getStore(): T | undefined;
}

/** Keeps a value over awaits, timers and callbacks. */
export function contextStorage<T>(): ContextStorage<T> {
  return new AsyncLocalStorage<T>();
}

/** The storage of this process. */
export function taskStorage(): CurrentStorage {
  return storage;
}
