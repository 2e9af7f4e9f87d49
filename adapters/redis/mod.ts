/**
 * The Redis store: queues, results and signals on a Redis server, a Sentinel
 * group or a Cluster, for workers on many machines.
 *
 * Every call is one script that is carried out as a whole, whatever happens
 * to the connection. An idle worker waits for a signal and does not poll. It
 * needs Redis 6.2 or newer, or Valkey, with `maxmemory-policy noeviction`.
 * How much survives a crash of the server is up to its own persistence.
 *
 * @module
 */

export { redisStore } from "./store.ts";
export type {
  RedisClientLike,
  RedisStoreOptions,
  RedisTlsOptions,
} from "./options.ts";
