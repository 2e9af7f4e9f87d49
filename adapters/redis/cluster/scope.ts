/**
 * Keys of limits and unique keys in a cluster. A shard counts its keys, and
 * there lie several queues in it; so that each queue is counted by itself, as
 * is promised, its name is a part of each key.
 *
 * @module
 */

import type { Limit, Message } from "../../../src/contracts/mod.ts";
import type { Client } from "../client.ts";
import { unescapeLine } from "../format.ts";

/** The queues of a shard. */
export async function queuesOf(client: Client): Promise<string[]> {
  const names = await client.command("SMEMBERS", [`${client.prefix}queues`]);
  return (names as string[]).map(unescapeLine);
}

/** The queues of a shard that have, or had, messages whose keys are not free. */
export async function queuesWithKeys(
  client: Client,
  now: number,
): Promise<string[]> {
  const { prefix } = client;
  const [live, names] = await Promise.all([
    queuesOf(client),
    // A key that is kept until a time is also that of a message that has ended.
    client.command("ZRANGE", [`${prefix}key-queues`, now, "+inf", "BYSCORE"]),
  ]);
  return [...new Set([...live, ...(names as string[]).map(unescapeLine)])];
}

/** A key of one queue as its shard knows it. */
export function scopedKey(queue: string, key: string): string {
  return `${JSON.stringify(queue)} ${key}`;
}

/** A limit of one queue as its shard knows it. */
export function scopedLimit(queue: string, limit: Limit): Limit {
  return { ...limit, key: scopedKey(queue, limit.key) };
}

/** A message as its shard knows it. */
export function scoped(message: Message): Message {
  const { queue } = message;
  return withKeys(message, (key) => scopedKey(queue, key));
}

/** A message of a shard as everybody else knows it. */
export function unscoped<M extends Message>(message: M): M {
  const { length } = scopedKey(message.queue, "");
  return withKeys(message, (key) => key.slice(length));
}

function withKeys<M extends Message>(
  message: M,
  change: (key: string) => string,
): M {
  const { limits, unique } = message;
  if (limits === undefined && unique === undefined) return message;
  return {
    ...message,
    ...(limits && {
      limits: limits.map((limit) => ({ ...limit, key: change(limit.key) })),
    }),
    ...(unique && { unique: { ...unique, key: change(unique.key) } }),
  };
}
