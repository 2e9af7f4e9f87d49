/**
 * The envelope: a task on its way, as brokers carry it. It maps one to one
 * onto Celery's message protocol 2.
 *
 * @module
 */

import { DecodeError, EncodeError } from "../errors.ts";
import type { CanvasJson } from "./canvas_json.ts";
import { checkEnvelope } from "./envelope_check.ts";
import type { EncodedArgs } from "./json_codec.ts";
import { assertPlain } from "./json_refusal.ts";
import { type ChainRest, withNextSteps } from "./later_steps.ts";

/** The header of a chord, as its body refers to it. */
export interface HeaderRef {
  /** The id of the group. */
  readonly group: string;
  /** How many members it has. */
  readonly size: number;
  /** Ids of members that do not follow from that of the group. */
  readonly ids?: Readonly<Record<string, string>> | undefined;
  /** Whether the list is not wanted, only that all went well. */
  readonly isIgnored?: boolean | undefined;
}

/** What a call says of uniqueness, in place of its task. */
export interface UniqueCall {
  /** What those that are alike have in common; absent: their arguments. */
  readonly key?: string | undefined;
  /** For how long, in ms; absent: while one waits or runs. */
  readonly for?: number | undefined;
  /** What becomes of another one. */
  readonly onConflict: "skip" | "replace" | "keepLast";
}

/** An end that was decided before the task could run. */
export type GivenOutcome =
  /** Its result, encoded. */
  | { readonly value: string | null }
  /**
   * Its error, encoded, and whether that is its own, so that its callbacks
   * run; otherwise it is that of a task before it.
   */
  | { readonly error: string; readonly isOwn?: boolean | undefined };

/** Envelope version 1: JSON only. Times are epoch ms, spans are ms. */
export interface Envelope extends EncodedArgs, ChainRest {
  /** The version. */
  readonly v: 1;
  /** The task id. */
  readonly id: string;
  /** The name of the task. */
  readonly task: string;
  /** How often it was retried. */
  readonly retries: number;
  /** When it was first sent. */
  readonly sentAt: number;
  /** Not to run before this time. */
  readonly eta?: number | undefined;
  /** Not to run after this time. */
  readonly expires?: number | undefined;
  /** When the task is asked to stop. */
  readonly softTimeLimit?: number | undefined;
  /** When the task is ended by force. */
  readonly timeLimit?: number | undefined;
  /** The task that all of this began with; its own id, if it was that. */
  readonly rootId: string;
  /** The task that sent it. */
  readonly parentId?: string | undefined;
  /** The group that it is a member of. */
  readonly group?: string | undefined;
  /** Its place in the group, from 0. */
  readonly groupIndex?: number | undefined;
  /** What users attach; plain JSON. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Sent with the result once it has succeeded. */
  readonly link?: readonly CanvasJson[] | undefined;
  /** Sent once it has failed. */
  readonly linkError?: readonly CanvasJson[] | undefined;
  /** Whether something waits for its group. */
  readonly chord?: boolean | undefined;
  /** The group whose results it takes, in a list before its arguments. */
  readonly header?: HeaderRef | undefined;
  /** What came of it already: it need not run. */
  readonly outcome?: GivenOutcome | undefined;
  /** Whether nobody wants its result. */
  readonly ignoreResult?: boolean | undefined;
  /** When one like it is enough, in place of what its task says; false: never. */
  readonly unique?: UniqueCall | false | undefined;
  /** The queue that it was sent to. */
  readonly queue: string;
  /** 0 to 9; 0 is served first. */
  readonly priority: number;
  /** The node that sent it. */
  readonly origin?: string | undefined;
  /** A name for people, shown in place of the task's. */
  readonly shadow?: string | undefined;
  /** When it was last retried. */
  readonly retriedAt?: number | undefined;
  /** Since when no worker has known its task. */
  readonly unknownSince?: number | undefined;
  /** The id that it would have, had it not replaced a task of this id. */
  readonly calledAs?: string | undefined;
}

/**
 * Turns an envelope into text: one line of JSON, and one for each step of its
 * chain that comes later. What most tasks have in common is not said.
 *
 * @throws {EncodeError} when its headers are not plain JSON
 */
export function encodeEnvelope(envelope: Envelope): string {
  if (envelope.headers !== undefined) {
    assertPlain(envelope.headers, "headers");
  }
  try {
    const { id, rootId, retries, later } = envelope;
    const head = JSON.stringify({
      ...envelope,
      rootId: rootId === id ? undefined : rootId,
      retries: retries === 0 ? undefined : retries,
      later: undefined,
    });
    return later === undefined ? head : `${head}\n${later}`;
  } catch (cause) {
    throw new EncodeError(
      `Task ${envelope.task}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Reads an envelope. Fields that it does not know are kept.
 *
 * @throws {DecodeError} when it is no envelope of this version: names the
 * field, what was found and what was wanted
 */
export function decodeEnvelope(text: string): Envelope {
  const [value, later] = parse(text);
  fillIn(value, later);
  checkEnvelope(value);
  return value;
}

/** The envelope, and the steps of its chain that come later. */
function parse(text: string): [value: unknown, later?: string] {
  const end = text.indexOf("\n");
  try {
    // Written by hand it may take more lines than one.
    return end < 0 || !isWhole(text, end)
      ? [JSON.parse(text)]
      : [JSON.parse(text.slice(0, end)), text.slice(end + 1)];
  } catch (cause) {
    throw new DecodeError(
      `The message is not JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function isWhole(text: string, end: number): boolean {
  return text.charAt(end - 1) === "}" && text.charAt(end + 1) === "{";
}

// What is not said: a task that began it all, and was not retried.
function fillIn(value: unknown, later: string | undefined): void {
  if (typeof value !== "object" || value === null) return;
  const envelope = value as Record<string, unknown>;
  if (later !== undefined) {
    const { id, chain } = envelope;
    const near = Array.isArray(chain) ? chain : [];
    Object.assign(envelope, withNextSteps(id, near, later));
  }
  if (envelope.rootId === undefined) envelope.rootId = envelope.id;
  if (envelope.retries === undefined) envelope.retries = 0;
}
