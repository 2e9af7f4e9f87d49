/**
 * How instances of ioredis are made, all with the same rules: nothing is
 * resent or queued by the driver, and it never reconnects by itself. Who
 * uses a connection that is gone makes a new one (`connection.ts`).
 *
 * @module
 */

import type { Cluster, ClusterOptions, Redis, RedisOptions } from "ioredis";
import { StoreError } from "../../src/errors.ts";
import { readPemFiles } from "../_net/pem_files.ts";
import type { HostPort, RedisClientLike, Target } from "./options.ts";

/** A connection, or a set of them to the nodes of a cluster. */
export type Driver = Redis | Cluster;

/** What a connection is for. */
export type Role = "commands" | "subscriptions";

/** Where one server is. */
export interface SingleServer extends HostPort {
  readonly tls: boolean;
}

/** One of those who watch over a master. */
export interface Sentinel {
  /** What they call it. */
  readonly master: string;
  /** Makes an instance that speaks to the sentinel itself. */
  make(): Promise<Driver>;
}

/** Makes instances. */
export interface DriverFactory {
  /** Whether they speak to a cluster. */
  readonly cluster: boolean;
  /** Who says where the master is, if anybody does. */
  readonly sentinels: readonly Sentinel[];
  /** The server, where there is only one. */
  readonly server: SingleServer | null;
  /** What every key is prefixed with beside the store's own prefix. */
  readonly keyPrefix: string;
  /** Where they connect to, without secrets. */
  readonly address: string;
  /**
   * Makes one that is not connected yet.
   *
   * @throws {StoreError} when the driver or a certificate cannot be loaded
   */
  make(role: Role): Promise<Driver>;
}

const CONNECT_TIMEOUT = 5_000;
/** After so long a silence the other side is asked whether it lives, in ms. */
const KEEP_ALIVE = 30_000;

/** What holds for every connection, whoever made its settings. */
const RULES = {
  lazyConnect: true,
  // A command that was under way when a connection broke is not sent again:
  // it may have been carried out.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: true,
  enableOfflineQueue: true,
  retryStrategy: () => null,
  sentinelRetryStrategy: () => null,
  reconnectOnError: null,
  autoResubscribe: false,
  enableAutoPipelining: false,
  // Asks for a right that not everybody has; errors tell the same.
  enableReadyCheck: false,
  disableClientInfo: true,
  keyPrefix: "",
  stringNumbers: false,
  replyMapping: "legacy",
} as const satisfies RedisOptions;

const CLUSTER_RULES = {
  lazyConnect: true,
  clusterRetryStrategy: () => null,
  enableOfflineQueue: true,
  enableReadyCheck: true,
  keyPrefix: "",
  // A failover takes longer; the store tries again above this.
  maxRedirections: 4,
} satisfies ClusterOptions;

/** Makes instances for an address. */
export function driversFor(target: Target): DriverFactory {
  const { kind, hosts, tls } = target;
  const [first = { host: "127.0.0.1", port: 6379 }] = hosts;
  return {
    cluster: kind === "cluster",
    sentinels: kind === "sentinel"
      ? sentinelsOf(hosts, target.master, () => optionsFor(target))
      : [],
    server: kind === "single" ? { ...first, tls: tls !== undefined } : null,
    keyPrefix: "",
    address: target.address,
    async make() {
      const { Cluster, Redis } = await loadDriver();
      const options = await optionsFor(target);
      if (kind !== "cluster") return new Redis(options);
      return new Cluster([...hosts], {
        ...CLUSTER_RULES,
        redisOptions: options,
      });
    },
  };
}

type Settings = RedisOptions & { replyMapping: "legacy" };

/** What an instance is told. */
async function optionsFor(target: Target): Promise<Settings> {
  const { kind, hosts, username, password, db } = target;
  const encrypted = target.tls === undefined ? undefined : {
    ...defined(target.tls),
    ...await readPemFiles(target.tlsFiles, target.address, unreadable),
  };
  const common = {
    ...RULES,
    connectTimeout: CONNECT_TIMEOUT,
    protocol: 2 as const,
    keepAlive: KEEP_ALIVE,
    ...defined({ username, password, tls: encrypted }),
  };
  if (kind === "cluster") return common;
  if (kind === "single") return { ...common, ...hosts[0], db };
  const { sentinelUsername, sentinelPassword } = target;
  return {
    ...common,
    db,
    sentinels: [...hosts],
    name: target.master,
    ...defined({
      sentinelUsername,
      sentinelPassword,
      sentinelTLS: encrypted,
      enableTLSForSentinelMode: encrypted && true,
    }),
  };
}

/** Makes instances with the settings of a user's own. */
export function driversLike(client: RedisClientLike): DriverFactory {
  const given = client as unknown as Driver;
  const cluster = "nodes" in given;
  const options = given.options as RedisOptions;
  const { host, port, tls, name = "" } = options;
  const sentinels = options.sentinels ?? [];
  return {
    cluster,
    sentinels: sentinelsOf(sentinels, name, () => Promise.resolve(options)),
    server: host === undefined || port === undefined || sentinels.length > 0
      ? null
      : { host, port, tls: Boolean(tls) },
    keyPrefix: options.keyPrefix ?? "",
    address: cluster ? "redis+cluster://(client)" : addressOf(options),
    make(): Promise<Driver> {
      if (!cluster) return Promise.resolve((given as Redis).duplicate(RULES));
      const { redisOptions } = (given as Cluster).options;
      return Promise.resolve((given as Cluster).duplicate([], {
        ...CLUSTER_RULES,
        redisOptions: { ...redisOptions as object, ...RULES },
      }));
    },
  };
}

/** The sentinels themselves; the driver asks each once, and hangs up. */
function sentinelsOf(
  hosts: readonly Partial<HostPort>[],
  master: string,
  options: () => Promise<RedisOptions>,
): readonly Sentinel[] {
  return hosts.map(({ host = "127.0.0.1", port = 26379 }) => ({
    master,
    async make() {
      const { Redis } = await loadDriver();
      const { sentinelUsername, sentinelPassword, sentinelTLS, family } =
        await options();
      return new Redis({
        ...RULES,
        ...{ host, port, connectTimeout: CONNECT_TIMEOUT, protocol: 2 },
        keepAlive: KEEP_ALIVE,
        ...defined({
          ...{ username: sentinelUsername, password: sentinelPassword },
          ...{ tls: sentinelTLS, family },
        }),
      });
    },
  }));
}

function addressOf(options: RedisOptions): string {
  const { host, port, db = 0, path, sentinels, name, tls } = options;
  if (sentinels && sentinels.length > 0) {
    const hosts = sentinels.map((one) => `${one.host}:${one.port}`).join(",");
    return `redis+sentinel://${hosts}/${name}?db=${db}`;
  }
  if (path) return `redis+unix://${path}?db=${db}`;
  return `${tls ? "rediss" : "redis"}://${host}:${port}/${db}`;
}

async function loadDriver(): Promise<
  Pick<typeof import("ioredis"), "Cluster" | "Redis">
> {
  try {
    return await import("ioredis");
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new StoreError(
      name === "NotCapable"
        ? "Deno may not load the Redis driver: run with --allow-net and " +
          "--allow-env"
        : `The Redis driver (npm:ioredis) cannot be loaded: ${message}`,
      { cause, transient: false },
    );
  }
}

function unreadable(sentence: string, cause?: unknown): StoreError {
  return new StoreError(sentence, { cause, transient: false });
}

/** The same without members that are undefined. */
function defined<T extends object>(value: T): object {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  );
}
