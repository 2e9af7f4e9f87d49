/**
 * What signatures and tasks need of an app: something that sends.
 *
 * @module
 */

import type { AsyncResult } from "./async_result.ts";
import type { CallOptions, SendManyOptions } from "./call_options.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import type { Envelope } from "../message/envelope.ts";
import type { GroupMember } from "./group_result.ts";
import type { Linkable } from "./linkable.ts";

/** How a canvas is sent. */
export type LaunchOptions = SendManyOptions & Pick<CallOptions, "taskId">;

/** What a canvas begins with. */
export interface Beginning {
  /** What is sent first. */
  readonly envelopes: readonly Envelope[];
  /** The groups that begin with it. */
  readonly groups: readonly GroupPlan[];
  /** A handle on what ends last. */
  readonly handle: GroupMember;
  /** The ids of what is sent, and of the bodies of these groups. */
  readonly children: readonly string[];
  /** What goes with it while it is sent in several parts. */
  readonly guard?: Envelope | undefined;
}

/** Sends canvases. */
export interface Launcher {
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

/** What a producer asks of canvases. */
export interface Canvases extends Launcher {
  /**
   * Gives all tasks and groups of a canvas their ids, as far as they have none.
   *
   * @throws {ConfigError} when a member of a chord's header ignores its result
   */
  prepare(canvas: CanvasJson): CanvasJson;
  /**
   * What a canvas begins with. In a transaction, where no groups begin, that
   * may be a task that sends it.
   *
   * @param canvas one that is prepared
   * @param values what its first tasks take before their own arguments
   */
  begin(
    canvas: CanvasJson,
    values: readonly unknown[],
    options: LaunchOptions,
  ): Beginning;
}

/** Sends tasks. */
export interface Sender extends Launcher {
  /** Sends one task. */
  send<R>(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<AsyncResult<R>>;
  /** Sends many signatures and canvases together. */
  sendMany(
    parts: readonly Linkable[],
    options?: SendManyOptions,
  ): Promise<readonly GroupMember[]>;
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
