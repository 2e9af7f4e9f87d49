/**
 * What all canvases have in common: they are sent, run eagerly, written down
 * and given options.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { type CanvasJson, isGroup } from "../message/canvas_json.ts";
import { show } from "../options.ts";
import {
  type CallOptions,
  checkCallOptions,
} from "../producer/call_options.ts";
import { GroupResult } from "../producer/group_result.ts";
import type { Sender } from "../producer/sender.ts";
import type { Linkable } from "../producer/linkable.ts";
import { senderOf, Signature } from "../producer/signature.ts";
import type { AnyPart, Part } from "./types.ts";

/**
 * A canvas: parts put together.
 *
 * @typeParam Needs the arguments that are still missing; its first tasks take
 * them
 * @typeParam R what comes of it
 * @typeParam H what is handed back when it is sent
 */
export abstract class Canvas<Needs extends readonly unknown[], R, H>
  implements Part<Needs, R> {
  /** What it needs; for the compiler alone, never set. */
  declare readonly "~needs"?: ((...needs: Needs) => void) | undefined;
  /** What comes of it; for the compiler alone, never set. */
  declare readonly "~returns"?: R | undefined;
  /** What is handed back; for the compiler alone, never set. */
  declare readonly "~handle"?: H | undefined;
  readonly #parts: readonly AnyPart[];

  /** Use the functions: `chain()`, `group()`, `chord()`. */
  constructor(parts: readonly AnyPart[]) {
    this.#parts = parts;
  }

  /** Sends it with the arguments that are missing. */
  delay(...needs: Needs): Promise<H> {
    return this.applyAsync(needs);
  }

  /**
   * Sends it with the arguments that are missing, and with options: see
   * {@linkcode Canvas.set}.
   */
  async applyAsync(needs: Needs, options: CallOptions = {}): Promise<H> {
    const { tx, retry, retryPolicy, taskId, ...rest } = options;
    const canvas = this.set(rest).toJSON();
    const sender = findSender(this.#parts);
    if (sender === undefined) return this.#nothing(canvas) as H;
    const how = { tx, retry, retryPolicy, taskId };
    return await sender.launch(canvas, needs, how) as H;
  }

  /** Runs it here and now, through everything that workers do. */
  async apply(...needs: Needs): Promise<H> {
    const canvas = this.toJSON();
    const sender = findSender(this.#parts);
    if (sender === undefined) return this.#nothing(canvas) as H;
    return await sender.launchEagerly(canvas, needs) as H;
  }

  /**
   * The same with options: `countdown` and `eta` are of the tasks that run
   * first, `link` and `taskId` of the one that runs last, all others (queue,
   * priority, headers, expires, time limits, `linkError`) of every task that
   * has none of its own.
   *
   * @throws {ConfigError} for an option that will not do
   */
  set(options: CallOptions): this {
    checkCallOptions(this.constructor.name.toLowerCase(), options);
    refuseSending(this.constructor.name.toLowerCase(), options);
    return this.withDefaults(options);
  }

  /** The same, with what to send with its result: a signature or a canvas. */
  link(next: Linkable): this {
    return this.set({ link: next });
  }

  /** The same, with what to send with the error of what fails in it. */
  linkError(next: Linkable): this {
    return this.set({ linkError: next });
  }

  /** The same with options, which those of its own parts override. */
  abstract withDefaults(options: CallOptions): this;

  /** Plain data, from which `app.canvas()` makes it again. */
  abstract toJSON(): CanvasJson;

  // A group of no tasks has nothing to send, and its results are there.
  #nothing(canvas: CanvasJson): GroupResult<[]> {
    if (isGroup(canvas)) return GroupResult.empty();
    throw new ConfigError(
      `An empty ${this.constructor.name.toLowerCase()} belongs to no app: give it at least one task`,
    );
  }

  /** The sender of its first signature. */
  static findSender(
    canvas: Canvas<readonly never[], unknown, unknown>,
  ): Sender | undefined {
    return findSender(canvas.#parts);
  }
}

function findSender(parts: readonly AnyPart[]): Sender | undefined {
  for (const part of parts) {
    const found = part instanceof Signature
      ? senderOf(part)
      : part instanceof Canvas
      ? Canvas.findSender(part)
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Refuses what no canvas is put together of.
 *
 * @throws {ConfigError} naming the place and what was given
 */
export function checkParts(what: string, parts: unknown): void {
  if (!Array.isArray(parts)) {
    throw new ConfigError(
      `A ${what} takes a list of signatures, but was given ${show(parts)}`,
    );
  }
  for (const [at, part] of parts.entries()) checkPart(`${what}[${at}]`, part);
}

/** The same for one part. */
export function checkPart(what: string, part: unknown): void {
  if (part instanceof Canvas) return;
  if (part instanceof Signature) return refuseSending(what, part.options);
  throw new ConfigError(
    `${what} must be a signature, such as add.s(1), a chain, a group or a chord, but it is ${
      show(part)
    }`,
  );
}

// How is said once, when all of it is sent.
function refuseSending(what: string, options: CallOptions): void {
  for (const name of ["tx", "retry", "retryPolicy"] as const) {
    if (options[name] === undefined) continue;
    throw new ConfigError(
      `${what} has the option "${name}": give it to applyAsync() of the canvas instead, for all that is sent together`,
    );
  }
}

/** What of the options is of the first tasks, the last one, and all. */
export function splitOptions(options: CallOptions): {
  readonly first: CallOptions;
  readonly last: CallOptions;
  readonly all: CallOptions;
} {
  const { countdown, eta, link, taskId, ...all } = options;
  return {
    first: defined({ countdown, eta }),
    last: defined({ link, taskId }),
    all: defined(all),
  };
}

function defined(options: CallOptions): CallOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  );
}
