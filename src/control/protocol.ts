/**
 * What is said over the bus to steer and question workers. Nothing in it is
 * stored: whoever does not hear it, does not answer.
 *
 * @module
 */

import { globPattern } from "../producer/router.ts";

/** The topic on which workers are spoken to. */
export const CONTROL_TOPIC = "control";

/** The topic on which the answers to a request come. */
export function replyTopic(requestId: string): string {
  return `reply:${requestId}`;
}

/** Which workers are meant; all of them, unless said. */
export interface Destination {
  /** Their node names. */
  readonly destination?: readonly string[] | undefined;
  /** A glob over node names: `gpu-*@*`. */
  readonly pattern?: string | undefined;
}

/** A request to workers. */
export interface ControlRequest extends Destination {
  /** Unique. */
  readonly id: string;
  /** The command. */
  readonly command: string;
  /** What it takes. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether anybody waits for answers. */
  readonly reply: boolean;
}

/** The answer of one worker. */
export interface ControlAnswer {
  /** Its node name. */
  readonly worker: string;
  /** What it says. */
  readonly value?: unknown;
  /** Why it does not do it. */
  readonly error?: string | undefined;
}

/** Reads a request; `null` for what is none. */
export function readRequest(payload: string): ControlRequest | null {
  const value = readObject(payload);
  if (value === null) return null;
  const { id, command, args, reply, destination, pattern } = value;
  if (typeof id !== "string" || typeof command !== "string") return null;
  return {
    id,
    command,
    args: isRecord(args) ? args : {},
    reply: reply === true,
    ...(Array.isArray(destination)
      ? { destination: destination.map(String) }
      : {}),
    ...(typeof pattern === "string" ? { pattern } : {}),
  };
}

/** Reads an answer; `null` for what is none. */
export function readAnswer(payload: string): ControlAnswer | null {
  const value = readObject(payload);
  if (value === null || typeof value["worker"] !== "string") return null;
  const { worker, error } = value;
  return typeof error === "string"
    ? { worker, error }
    : { worker, value: value["value"] };
}

/** Whether a worker is meant. */
export function isMeant(
  hostname: string,
  { destination, pattern }: Destination,
): boolean {
  if (destination !== undefined && !destination.includes(hostname)) {
    return false;
  }
  return pattern === undefined || globPattern(pattern).test(hostname);
}

function readObject(payload: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(payload);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
