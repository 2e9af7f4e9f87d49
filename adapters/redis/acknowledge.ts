/**
 * Settlements of the usual kind as arguments of a script of their own.
 *
 * @module
 */

import type { Settlement } from "../../src/contracts/mod.ts";
import type { Argument } from "./client.ts";
import { escapeLine, hashOf, packRecord } from "./format.ts";
import { hasGroups } from "./groups.ts";
import type { PlainLeases } from "./plain_leases.ts";
import { MOST_ACKNOWLEDGED } from "./scripts/acknowledge.ts";

/** So many characters of an id say which hash its record is in. */
const HEAD = 15;
/** Fewer records than this bear their number and no stamp. */
const FEW = 16;

/**
 * The arguments of a batch of acknowledgements that nothing follows; null if
 * these are not such.
 *
 * @param plain which leases are of messages without limits and keys
 * @param stamp what no other batch bears
 */
export function acknowledgeArguments(
  batch: readonly Settlement[],
  plain: PlainLeases,
  stamp: string,
): Argument[] | null {
  const [first] = batch;
  if (first === undefined || batch.length > MOST_ACKNOWLEDGED) return null;
  const state = first.result?.state;
  // A stamp has a place of its own, which is not worth it for few.
  const mark = batch.length < FEW ? "" : stamp;
  const begin = mark === "" ? "" : `${mark}\n`;
  const ids: string[] = [];
  const packs: Argument[] = [];
  const runs: Argument[] = [];
  const seen = new Set<string>();
  let expiry = Infinity;
  let token: number | undefined;
  for (const one of batch) {
    const { id, result } = one;
    if (one.action.kind !== "ack" || result?.state !== state) return null;
    if (one.publish !== undefined && one.publish.length > 0) return null;
    if (hasGroups(one) || !plain.has(one) || seen.has(id)) return null;
    seen.add(id);
    if (result !== undefined) {
      if (result.id !== id || !result.ended) return null;
      packs.push(`${begin}${packs.length}\n${packRecord(result)}`);
      expiry = Math.min(expiry, result.expiresAt ?? Infinity);
    }
    ids.push(escapeLine(id));
    if (one.token === token) {
      runs[runs.length - 1] = Number(runs.at(-1)) + 1;
    } else runs.push(token = one.token, 1);
  }
  const named = state === undefined ? "" : escapeLine(state);
  // A state without a name is not the usual kind.
  if (state === "") return null;
  const until = expiry === Infinity ? "" : expiry;
  const heads = [named, until, state === undefined ? "" : hashOfAll(ids), mark];
  return [ids.length, ...ids, ...heads, ...packs, ...runs];
}

/** The hash that the records of these ids are in; "" where there are several. */
function hashOfAll(lines: readonly string[]): string {
  let hash = "";
  let head = "";
  for (const line of lines) {
    // Most begin like the one before.
    if (head.length === HEAD && line.startsWith(head)) continue;
    const own = hashOf(line);
    if (hash !== "" && hash !== own) return "";
    hash = own;
    head = line.slice(0, HEAD);
  }
  return hash;
}
