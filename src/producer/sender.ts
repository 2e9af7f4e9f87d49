/**
 * What signatures and tasks need of an app: something that sends.
 *
 * @module
 */

import type { AsyncResult } from "./async_result.ts";
import type { CallOptions, SendManyOptions } from "./call_options.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import type { GroupMember } from "./group_result.ts";
import type { AnySignature } from "./signature.ts";

/** How a canvas is sent. */
export type LaunchOptions = SendManyOptions & Pick<CallOptions, "taskId">;

/** Sends canvases. */
export interface Launcher {
  /**
   * Gives all tasks and groups of a canvas their ids, as far as they have none.
   *
   * @throws {ConfigError} when a member of a chord's header ignores its result
   */
  prepare(canvas: CanvasJson): CanvasJson;
  /**
   * Sends a canvas.
   *
   * @param values what its first tasks take before their own arguments
   * @returns a handle on what ends last
   * @throws {ConfigError} when a member of a chord's header ignores its result
   */
  launch(
    canvas: CanvasJson,
    values: readonly unknown[],
    options?: LaunchOptions,
  ): Promise<GroupMember>;
  /** Runs a canvas here and now. */
  launchEagerly(
    canvas: CanvasJson,
    values: readonly unknown[],
  ): Promise<GroupMember>;
}

/** Sends tasks. */
export interface Sender extends Omit<Launcher, "prepare"> {
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
