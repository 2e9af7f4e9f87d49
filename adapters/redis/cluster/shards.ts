/**
 * The shards of a cluster. Each is a complete store whose keys share a hash
 * tag and so a slot, so that a script sees all of it; the slots lie on the
 * nodes. A queue lives in one shard, a result in the shard of its task's id.
 *
 * @module
 */

import type { Clock } from "../../../src/contracts/mod.ts";
import { RedisBroker } from "../broker.ts";
import type { Client } from "../client.ts";
import { RedisDeadLetters } from "../dead_letters.ts";
import { RedisInspector } from "../inspector.ts";
import { RedisResults } from "../results.ts";
import type { Subscriber } from "../subscriber.ts";
import { Wake } from "../wake.ts";

/** How many there are. Part of the layout: another number finds nothing. */
export const SHARDS = 16;

/** One shard. */
export interface Shard {
  readonly index: number;
  readonly broker: RedisBroker;
  readonly results: RedisResults;
  readonly inspector: RedisInspector;
  readonly deadLetters: RedisDeadLetters;
}

/** Makes the shards over one connection. */
export function makeShards(
  client: Client,
  subscriber: Subscriber,
  clock: Clock,
  given: Clock | null,
  patience: number,
): readonly Shard[] {
  return Array.from({ length: SHARDS }, (_, index): Shard => {
    const own = inSlot(client, String(index));
    const wake = new Wake(own, subscriber);
    return {
      index,
      broker: new RedisBroker(own, clock, given, wake, patience),
      results: new RedisResults(own, clock, subscriber),
      inspector: new RedisInspector(own, clock, given),
      deadLetters: new RedisDeadLetters(own, clock),
    };
  });
}

/** The same connection, for keys that share a slot. */
export function inSlot(client: Client, tag: string): Client {
  return client.under(`{${client.prefix.slice(0, -1)}:${tag}}:`);
}

/** @throws {TypeError} when there is none of this index */
export function shardAt(shards: readonly Shard[], index: number): Shard {
  const shard = shards[index];
  if (shard === undefined) throw new TypeError(`There is no shard ${index}`);
  return shard;
}

/** In which shard a queue, or the result of an id, is. */
export function shardOf(name: string): number {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 8) % SHARDS;
}

/** The token of a delivery in a cluster: it says which shard it is of. */
export function tokenOf(tokenInShard: number, index: number): number {
  return tokenInShard * SHARDS + index;
}

/** The shard of such a token. */
export function shardOfToken(token: number): number {
  return token % SHARDS;
}

/** What such a token is in its shard. */
export function tokenInShard(token: number): number {
  return Math.floor(token / SHARDS);
}

/**
 * Asks the shards that items belong to, each for its own, and puts the
 * answers into the order of the items.
 */
export async function scatter<T, A>(
  items: readonly T[],
  indexOf: (item: T) => number,
  ask: (index: number, part: readonly T[]) => Promise<readonly A[]>,
): Promise<A[]> {
  const parts = new Map<number, { items: T[]; places: number[] }>();
  items.forEach((item, place) => {
    const index = indexOf(item);
    const part = parts.get(index) ?? { items: [], places: [] };
    part.items.push(item);
    part.places.push(place);
    parts.set(index, part);
  });
  const answers: A[] = [];
  await Promise.all(
    [...parts].map(async ([index, part]) => {
      const some = await ask(index, part.items);
      part.places.forEach((place, at) => answers[place] = some[at] as A);
    }),
  );
  return answers;
}
