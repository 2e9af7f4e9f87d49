/**
 * What signatures and tasks need of an app: something that sends.
 *
 * @module
 */

import type { AsyncResult } from "./async_result.ts";
import type { CallOptions, SendManyOptions } from "./call_options.ts";
import type { AnySignature } from "./signature.ts";

/** Sends tasks. */
export interface Sender {
  /** Sends one task. */
  send<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>>;
  /** Sends many tasks together. */
  sendMany(
    signatures: readonly AnySignature[],
    options?: SendManyOptions,
  ): Promise<readonly AsyncResult<unknown>[]>;
  /** Runs one task here and now. */
  apply<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>>;
}

/** One or many, as many; nothing is none. */
export function asArray<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
