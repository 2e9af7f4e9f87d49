/**
 * What workers hear on the bus when something was revoked. What the store
 * holds is cancelled there, and the bus only says "look now"; a task that was
 * acknowledged before its run is with its worker alone, which finds it by
 * what is said here.
 *
 * @module
 */

import type { Envelope } from "../message/envelope.ts";

/** The topic on which workers hear that something was revoked. */
export const REVOKED_TOPIC = "revoked";

/**
 * Headers that tasks are revoked by: each that is named has this value, or
 * one of these.
 */
export type HeaderFilter = Readonly<Record<string, unknown>>;

/** Tasks that were revoked. */
export interface Revocation {
  /** Their ids, of those that the store does not hold. */
  readonly ids: readonly string[];
  /** Their headers; `null` where ids say it. */
  readonly headers: HeaderFilter | null;
  /** Whether those that run are ended by force. */
  readonly terminate: boolean;
}

/** A revocation as the payload of the topic. */
export function revocationText(revocation: Revocation): string {
  return JSON.stringify(revocation);
}

/** Reads a payload of the topic; of what is none, nothing was revoked. */
export function readRevocation(payload: string): Revocation {
  try {
    const value = JSON.parse(payload) as Record<keyof Revocation, unknown>;
    const { ids, headers, terminate } = value;
    return {
      ids: Array.isArray(ids) ? ids.map(String) : [],
      headers: isFilter(headers) ? headers : null,
      terminate: terminate === true,
    };
  } catch {
    return { ids: [], headers: null, terminate: false };
  }
}

/** Whether a task is meant. */
export function isRevoked(
  { id, headers }: Pick<Envelope, "id" | "headers">,
  revocation: Revocation,
): boolean {
  return revocation.ids.includes(id) ||
    revocation.headers !== null &&
      hasHeaders(headers ?? {}, revocation.headers);
}

/** Whether headers are those of a filter, all of them. */
export function hasHeaders(
  headers: Readonly<Record<string, unknown>>,
  filter: HeaderFilter,
): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    if (!Object.hasOwn(headers, name)) return false;
    const text = JSON.stringify(headers[name]);
    const values = Array.isArray(wanted) ? wanted : [wanted];
    return values.some((each) => JSON.stringify(each) === text);
  });
}

function isFilter(value: unknown): value is HeaderFilter {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
