/**
 * The channels of NOTIFY, and what is said there.
 *
 * @module
 */

import { textIn } from "./text.ts";

/** The names of the channels that stores over one schema share. */
export class Channels {
  /** Messages came into queues. */
  readonly work: string;
  /** Tasks have ended. */
  readonly ended: string;
  readonly #base: string;

  constructor(schema: string) {
    this.#base = `lovage:${hash(schema)}`;
    this.work = `${this.#base}:work`;
    this.ended = `${this.#base}:ended`;
  }

  /** The channel of a topic of the bus. */
  topic(topic: string): string {
    return `${this.#base}:bus:${hash(topic)}`;
  }
}

/** PostgreSQL takes payloads of less than 8,000 bytes. */
export const PAYLOAD_LIMIT = 7_900;

const SEPARATOR = "\n";

/**
 * What a sender says: its name, and items one per line.
 *
 * @returns `null` when that would be too long
 */
export function payloadOf(
  sender: string,
  items: readonly string[],
): string | null {
  const text = [sender, ...items.map(line)].join(SEPARATOR);
  return isShort(text) ? text : null;
}

/**
 * The same as an expression of SQL, for one item that {@linkcode textIn} has
 * gone through; one that is too long is not named.
 */
export function payloadSql(sender: string, item: string): string {
  const escaped =
    `replace(replace(${item}, E'\\\\', E'\\\\\\\\'), E'\\n', E'\\\\n')`;
  return `case when octet_length(${escaped}) > ${PAYLOAD_LIMIT / 2}
    then ${sender} else ${sender} || E'\\n' || ${escaped} end`;
}

/** The same, over several payloads. */
export function payloadsOf(sender: string, items: readonly string[]): string[] {
  const payloads: string[] = [];
  let payload = sender;
  let size = sender.length;
  for (const item of items) {
    const text = SEPARATOR + line(item);
    const bytes = bytesOf(text);
    if (size + bytes > PAYLOAD_LIMIT) {
      payloads.push(payload);
      payload = sender;
      size = sender.length;
    }
    payload += text;
    size += bytes;
  }
  payloads.push(payload);
  return payloads;
}

/** A payload as it was said. */
export interface Said {
  readonly sender: string;
  readonly items: readonly string[];
}

/** Reads a payload; what others have said there by hand names nothing. */
export function readPayload(payload: string): Said {
  const [sender = "", ...lines] = payload.split(SEPARATOR);
  return { sender, items: lines.map((text) => unescape(text)) };
}

/** Whether a text fits into a payload. */
export function isShort(text: string): boolean {
  return text.length <= PAYLOAD_LIMIT && bytesOf(text) <= PAYLOAD_LIMIT;
}

const encoder = new TextEncoder();

function bytesOf(text: string): number {
  return IS_ASCII.test(text) ? text.length : encoder.encode(text).length;
}

const IS_ASCII = /^[\0-\x7f]*$/;

/** A text as one line. */
function line(text: string): string {
  if (!/[\n\\\0]/.test(text) && text.isWellFormed()) return text;
  return textIn(text).replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
}

/** A short name for any text: FNV-1a, twice, 64 bits. */
function hash(text: string): string {
  let one = 0x811c9dc5;
  let two = 0x050c5d1f;
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    two = Math.imul(two ^ text.charCodeAt(at), 0x01000197);
  }
  const hex = (number: number) => (number >>> 0).toString(16).padStart(8, "0");
  return hex(one) + hex(two);
}
