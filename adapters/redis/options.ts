/**
 * What a Redis store is told: options and URLs, checked when it is made.
 *
 * @module
 */

import type { StoreOptions } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { readUrlTls, TLS_PARAMETERS, type TlsFiles } from "./tls.ts";

/** How a connection is encrypted; what `node:tls` takes. */
export interface RedisTlsOptions {
  /** Certificates of authorities to trust, in PEM. */
  readonly ca?: string | undefined;
  /** The client's own certificate, in PEM. */
  readonly cert?: string | undefined;
  /** The key of that certificate, in PEM. */
  readonly key?: string | undefined;
  /** The name that the server's certificate must bear. */
  readonly servername?: string | undefined;
  /**
   * Whether a certificate must be trusted.
   *
   * @default {true}
   */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** An instance of ioredis' `Redis` or `Cluster`. */
export interface RedisClientLike {
  /** The settings of the instance. */
  readonly options: object;
  /** Makes another instance with the same settings. */
  duplicate(...args: never[]): object;
}

/** What {@linkcode redisStore} takes. */
export interface RedisStoreOptions extends StoreOptions {
  /**
   * Where Redis is: `redis://user:password@host:6379/0`, `rediss://…` with
   * TLS, `redis+sentinel://host:26379,host:26379/name?db=0` or
   * `redis+cluster://host:6379,host:6379`. `?prefix=…` and, for the last two,
   * `?tls=true`, `?sentinelUsername=…` and `?sentinelPassword=…` are known.
   * With TLS `?ca=…`, and `?cert=…&key=…` of the client, name files in PEM;
   * Celery's `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile` and
   * `ssl_cert_reqs=none` mean the same as there.
   */
  readonly url?: string | undefined;
  /**
   * An instance of ioredis. Its settings are used; the connections are the
   * store's own, and the instance itself is left alone.
   */
  readonly client?: RedisClientLike | undefined;
  /**
   * The host, where no URL is given.
   *
   * @default {"127.0.0.1"}
   */
  readonly host?: string | undefined;
  /**
   * The port, where no URL is given.
   *
   * @default {6379}
   */
  readonly port?: number | undefined;
  /** The user of an access control list. */
  readonly username?: string | undefined;
  /** The password. */
  readonly password?: string | undefined;
  /**
   * The number of the database.
   *
   * @default {0}
   */
  readonly db?: number | undefined;
  /** Whether, and how, connections are encrypted. */
  readonly tls?: boolean | RedisTlsOptions | undefined;
  /**
   * What all keys and channels begin with.
   *
   * @default {"lovage"}
   */
  readonly prefix?: string | undefined;
  /**
   * How long one try may take before the connection is given up as dead, in
   * milliseconds.
   *
   * @default {5000}
   */
  readonly commandTimeout?: number | undefined;
  /**
   * How long a call is tried again while Redis is away, in milliseconds.
   *
   * @default {15_000}
   */
  readonly patience?: number | undefined;
}

/** Where a server is. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What the connections are made from. */
export interface Target {
  /** How the servers are arranged. */
  readonly kind: "single" | "sentinel" | "cluster";
  /** The servers, or the sentinels. */
  readonly hosts: readonly HostPort[];
  /** The name of the master that sentinels watch. */
  readonly master: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: RedisTlsOptions | undefined;
  /** What of that is in files. */
  readonly tlsFiles: TlsFiles;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
  readonly prefix: string;
  /** The address without secrets. */
  readonly address: string;
}

const SCHEMES: Readonly<Record<string, Target["kind"]>> = {
  "redis": "single",
  "rediss": "single",
  "redis+sentinel": "sentinel",
  "redis+cluster": "cluster",
};
const PARAMETERS = [
  "db",
  "prefix",
  "tls",
  "sentinelUsername",
  "sentinelPassword",
  ...TLS_PARAMETERS,
];
const URL_PARTS =
  /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/**
 * Reads the options.
 *
 * @throws {StoreError} for what cannot be one
 */
export function readTarget(options: RedisStoreOptions): Target {
  const { url, client } = options;
  if (url !== undefined && client !== undefined) {
    throw misuse(
      "A Redis store takes a `url` or a `client`, not both: leave one out",
    );
  }
  const target = url === undefined ? fromOptions(options) : fromUrl(url);
  checkPrefix(options.prefix ?? target.prefix);
  return {
    ...target,
    username: options.username ?? target.username,
    password: options.password ?? target.password,
    db: checkDb(options.db ?? target.db, target.kind),
    tls: tlsOf(options.tls) ?? target.tls,
    tlsFiles: options.tls === undefined ? target.tlsFiles : {},
    prefix: options.prefix ?? target.prefix,
  };
}

function fromOptions(options: RedisStoreOptions): Target {
  const { host = "127.0.0.1", port = 6379, tls } = options;
  const scheme = tls === undefined || tls === false ? "redis" : "rediss";
  return {
    kind: "single",
    hosts: [{ host, port: checkPort(port) }],
    ...{ master: "", username: undefined, password: undefined, db: 0 },
    ...{ tls: undefined, tlsFiles: {}, prefix: "lovage" },
    ...{ sentinelUsername: undefined, sentinelPassword: undefined },
    address: `${scheme}://${host}:${port}/${options.db ?? 0}`,
  };
}

function fromUrl(url: string): Target {
  const parts = URL_PARTS.exec(url);
  const scheme = parts?.[1] ?? "";
  const kind = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (parts === null || kind === undefined) {
    throw misuse(
      `"${masked(url)}" is not the URL of a Redis store: write, for example, ` +
        "redis://127.0.0.1:6379/0, rediss://…, " +
        "redis+sentinel://host:26379,host:26379/name or " +
        "redis+cluster://host:6379,host:6379",
    );
  }
  const [, , secrets = "", servers = "", path = "", query = ""] = parts;
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (PARAMETERS.includes(name)) continue;
    throw misuse(
      `"${name}" is no parameter of a Redis URL (in "${masked(url)}"): ` +
        `known are ${PARAMETERS.join(", ")}`,
    );
  }
  const [username = "", ...password] = secrets.split(":");
  if (kind === "sentinel" && path === "") {
    throw misuse(
      `"${masked(url)}" does not name the master that the sentinels watch: ` +
        "write redis+sentinel://host:26379/name",
    );
  }
  const tls = readUrlTls(
    parameters,
    scheme === "rediss" || parameters.get("tls") === "true",
    (sentence) => misuse(`${sentence} (in "${masked(url)}")`),
  );
  return {
    kind,
    hosts: servers.split(",").map((one) =>
      hostOf(one, kind === "sentinel" ? 26379 : 6379, url)
    ),
    master: kind === "sentinel" ? decodeURIComponent(path) : "",
    username: text(decodeURIComponent(username)),
    password: text(decodeURIComponent(password.join(":"))),
    db: Number((kind === "single" ? path : "") || parameters.get("db") || 0),
    tls: tls?.options,
    tlsFiles: tls?.files ?? {},
    sentinelUsername: parameters.get("sentinelUsername") ?? undefined,
    sentinelPassword: parameters.get("sentinelPassword") ?? undefined,
    prefix: parameters.get("prefix") ?? "lovage",
    address: masked(url),
  };
}

function hostOf(server: string, otherwise: number, url: string): HostPort {
  const found = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(server);
  if (found === null) {
    throw misuse(
      `"${server}" is not a host and port (in "${masked(url)}"): write ` +
        "host:port, and hosts apart by commas",
    );
  }
  const host = (found[1] || "127.0.0.1").replace(/^\[|\]$/g, "");
  const port = found[2] === undefined ? otherwise : Number(found[2]);
  return { host, port: checkPort(port) };
}

function tlsOf(
  tls: boolean | RedisTlsOptions | undefined,
): RedisTlsOptions | undefined {
  return tls === true ? {} : tls === false ? undefined : tls;
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw misuse(
    `The port of a Redis store is a number from 1 to 65535, not ${port}`,
  );
}

function checkDb(db: number, kind: Target["kind"]): number {
  if (!Number.isInteger(db) || db < 0) {
    throw misuse(
      `The database of a Redis store is a number from 0, not ${db}: write ` +
        "redis://host:6379/0",
    );
  }
  if (kind === "cluster" && db !== 0) {
    throw misuse(
      `A Redis Cluster has one database, so ${db} is none: leave it out and ` +
        "take a `prefix` of your own",
    );
  }
  return db;
}

function checkPrefix(prefix: string): void {
  if (prefix !== "" && /^[^{}\s*]+$/.test(prefix)) return;
  throw misuse(
    `The prefix of a Redis store is a word without braces, spaces and *, ` +
      `not ${JSON.stringify(prefix)}: give one such as "lovage"`,
  );
}

function masked(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^@/:]*):[^@/]*@/i, "$1:***@")
    .replace(/([?&][^=&#]*(?:pass|secret|token|key)[^=&#]*=)[^&#]*/gi, "$1***");
}

function misuse(message: string): StoreError {
  return new StoreError(message, { transient: false });
}

function text(value: string): string | undefined {
  return value === "" ? undefined : value;
}
