/**
 * The Redis store: queues, results and signals on a Redis server, a Sentinel
 * group or a Cluster, for workers on many machines.
 *
 * Every call is one script that is carried out as a whole, whatever happens
 * to the connection. An idle worker waits for a signal and does not poll. It
 * needs Redis 6.2 or newer, or Valkey, with `maxmemory-policy noeviction`.
 * How much survives a crash of the server is up to its own persistence.
 *
 * @example With TLS, beside other users of the server
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { redisStore } from "@lovage/lovage/redis";
 *
 * export const app = new Lovage("shop", {
 *   store: redisStore({ host: "cache", tls: true, prefix: "shop" }),
 * });
 * ```
 *
 * @module
 */

export { redisStore } from "./store.ts";
export type {
  RedisClientLike,
  RedisStoreOptions,
  RedisTlsOptions,
} from "./options.ts";
