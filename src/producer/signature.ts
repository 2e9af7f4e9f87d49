/**
 * A signature: a call that is written down but not made. It is immutable,
 * can be sent, linked to others, and turned into JSON and back.
 *
 * @module
 */

import { DecodeError, EncodeError } from "../errors.ts";
import {
  type CanvasJson,
  checkCanvasJson,
  isSignature,
} from "../message/canvas_json.ts";
import { decodeCall, encodeArgs } from "../message/json_codec.ts";
import { assertPlain } from "../message/json_refusal.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "../message/time.ts";
import { isDuration } from "../options.ts";
import type { AsyncResult } from "./async_result.ts";
import {
  type CallOptions,
  checkCallOptions,
  checkTaskName,
} from "./call_options.ts";
import { type Linkable, WrittenCanvas } from "./linkable.ts";
import { asArray, type Sender } from "./sender.ts";

/** Any signature, whatever it needs and returns. */
// deno-lint-ignore no-explicit-any -- stands for every signature
export type AnySignature = Signature<any, any>;

/**
 * A call of a task that is written down and not made: it can be sent, put
 * into a canvas, or kept as JSON.
 *
 * @typeParam Needs the arguments that are still missing; they come first
 * @typeParam R what the task returns
 */
export class Signature<Needs extends readonly unknown[] = [], R = unknown> {
  /** What it needs; for the compiler alone, never set. */
  declare readonly "~needs"?: ((...needs: Needs) => void) | undefined;
  /** What comes of it; for the compiler alone, never set. */
  declare readonly "~returns"?: R | undefined;
  /** The task's name. */
  readonly task: string;
  /** The arguments given so far. Those still missing go before them. */
  readonly args: readonly unknown[];
  /** The options of the call. */
  readonly options: CallOptions;
  /** Whether it takes nothing from the task that it follows. */
  readonly immutable: boolean;
  readonly #sender: Sender;

  /** Use `task.s()`, `task.si()` or `app.signature()`. */
  constructor(
    sender: Sender,
    task: string,
    args: readonly unknown[],
    options: CallOptions = {},
    immutable: boolean = false,
  ) {
    checkCallOptions(task, options);
    this.#sender = sender;
    this.task = task;
    this.args = [...args];
    this.options = options;
    this.immutable = immutable;
  }

  /** Sends it with the arguments that are missing. */
  delay(...needs: Needs): Promise<AsyncResult<R>> {
    return this.applyAsync(needs);
  }

  /** Sends it with the arguments that are missing, and with options. */
  applyAsync(needs: Needs, options: CallOptions = {}): Promise<AsyncResult<R>> {
    checkCallOptions(this.task, options);
    return this.#sender.send<R>(this.task, [...needs, ...this.args], {
      ...this.options,
      ...options,
    });
  }

  /** Runs it here and now, through everything that a worker does. */
  apply(...needs: Needs): Promise<AsyncResult<R>> {
    return this.#sender.apply<R>(
      this.task,
      [...needs, ...this.args],
      this.options,
    );
  }

  /** The same call with other options, beside those that it has. */
  set(options: CallOptions): Signature<Needs, R> {
    return this.#copy({ ...this.options, ...options });
  }

  /** The same call with options, which those that it has override. */
  withDefaults(options: CallOptions): Signature<Needs, R> {
    const { link, linkError, ...rest } = options;
    const both = (name: "link" | "linkError", more: CallOptions["link"]) =>
      more === undefined
        ? {}
        : { [name]: [...asArray(this.options[name]), ...asArray(more)] };
    return this.#copy({
      ...rest,
      ...this.options,
      ...both("link", link),
      ...both("linkError", linkError),
    });
  }

  /** The same call with other arguments before those that it has. */
  clone(
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Signature<[], R> {
    return new Signature<[], R>(
      this.#sender,
      this.task,
      this.immutable ? this.args : [...args, ...this.args],
      { ...this.options, ...options },
      this.immutable,
    );
  }

  /** The same call, followed by another when it succeeds. */
  link(next: Linkable): Signature<Needs, R> {
    return this.set({ link: [...asArray(this.options.link), next] });
  }

  /** The same call, followed by another when it fails for good. */
  linkError(next: Linkable): Signature<Needs, R> {
    return this.set({ linkError: [...asArray(this.options.linkError), next] });
  }

  /**
   * Plain data, from which `app.signature()` makes it again.
   *
   * @throws {EncodeError} for an argument or a header that cannot be sent
   */
  toJSON(): SignatureJson {
    // A transaction is of this moment and this process.
    const { kwargs, tx: _, ...options } = this.options;
    if (options.headers !== undefined) assertPlain(options.headers, "headers");
    return {
      task: this.task,
      ...encodeArgs(this.args, kwargs),
      options: encodeOptions(options),
      ...(this.immutable ? { immutable: true } : {}),
    };
  }

  /** Who sends a signature; for canvases made of it. */
  static senderOf(signature: AnySignature): Sender {
    return signature.#sender;
  }

  #copy(options: CallOptions): Signature<Needs, R> {
    return new Signature<Needs, R>(
      this.#sender,
      this.task,
      this.args,
      options,
      this.immutable,
    );
  }
}

/** Who sends a signature. */
export function senderOf(signature: AnySignature): Sender {
  return Signature.senderOf(signature);
}

/** The options as JSON: times as ISO text, durations in ms, links as JSON. */
function encodeOptions(options: CallOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined).map(
      ([name, value]) => [name, encodeOption(name, value)],
    ),
  );
}

function encodeOption(name: string, value: unknown): unknown {
  if (name === "link" || name === "linkError") {
    return asArray(value as Linkable).map((each) => each.toJSON());
  }
  if (name === "unique") return encodeUnique(value as CallOptions["unique"]);
  if (!TIMES.has(name) || value === null) return value;
  return isDuration(value) === null
    ? `${parseDuration(value as Duration, name)}ms`
    : new Date(parseInstant(value as Instant, name)).toISOString();
}

function encodeUnique(unique: CallOptions["unique"]): unknown {
  if (typeof unique !== "object") return unique;
  const { key, for: span, onConflict } = unique;
  if (typeof key === "function") {
    throw new EncodeError(
      "The key of the option unique is a function, which cannot be written down with its signature: give the text that it makes",
    );
  }
  return {
    ...(key === undefined ? {} : { key }),
    ...(span === undefined
      ? {}
      : { for: `${parseDuration(span, "unique.for")}ms` }),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

const TIMES: ReadonlySet<string> = new Set([
  "countdown",
  "eta",
  "expires",
  "timeLimit",
  "softTimeLimit",
]);

/**
 * Makes a signature from its JSON.
 *
 * @throws {DecodeError} when it is no signature
 * @throws {ConfigError} when an option of it will not do
 */
export function signatureFromJson(
  sender: Sender,
  json: SignatureJson,
): AnySignature {
  if (typeof json?.task !== "string" || !Array.isArray(json.args)) {
    throw new DecodeError(
      "Not the JSON of a signature: it needs a task's name and a list of arguments",
    );
  }
  checkTaskName(json.task);
  const { args, kwargs } = decodeCall(json);
  const { link, linkError, ...options } = json.options ?? {};
  return new Signature(
    sender,
    json.task,
    args,
    {
      ...options,
      ...(kwargs === undefined ? {} : { kwargs }),
      ...linksFromJson(sender, "link", link),
      ...linksFromJson(sender, "linkError", linkError),
    },
    json.immutable ?? false,
  );
}

function linksFromJson(
  sender: Sender,
  name: "link" | "linkError",
  given: unknown,
): CallOptions {
  if (given === undefined) return {};
  const list = asArray(given as CanvasJson);
  return { [name]: list.map((each) => linkFromJson(sender, each)) };
}

function linkFromJson(sender: Sender, json: CanvasJson): Linkable {
  if (json === null || typeof json !== "object" || isSignature(json)) {
    return signatureFromJson(sender, json);
  }
  checkCanvasJson(json, "a link");
  return new WrittenCanvas(json);
}
