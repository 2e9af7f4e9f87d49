/**
 * What a consumer says of itself, as it is stored: the time, its lease, its
 * name and its details.
 *
 * @module
 */

import type { ConsumerInfo } from "../../src/contracts/mod.ts";
import { escapeLine, unescapeLine } from "./format.ts";

/** Without the time, which the server puts in front. */
export function packConsumer({ lease, name, details }: ConsumerInfo): string {
  return `${lease}\n${escapeLine(name)}\n${JSON.stringify(details)}`;
}

/** What was stored, as far as it can be read. */
export function unpackConsumer(
  line: string,
  text: string,
): ConsumerInfo & { readonly seenAt: number } {
  const [seenAt = "", lease = "", name = "", ...details] = text.split("\n");
  return {
    id: unescapeLine(line),
    name: unescapeLine(name),
    lease: Number(lease) || 0,
    details: parseDetails(details.join("\n")),
    seenAt: Number(seenAt) || 0,
  };
}

function parseDetails(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
