/**
 * What {@linkcode postgresStore} takes, and what is made of it.
 *
 * @module
 */

import type { StoreOptions } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import type { ClientOptions } from "./client.ts";
import type { PostgresSql } from "./driver.ts";
import { tlsOptions } from "./tls.ts";
import { readUrl } from "./url.ts";

/** Where a PostgreSQL store is, and how it is reached. */
export interface PostgresConnection {
  /**
   * `postgres://user:password@host:5432/database`; `?sslmode=require` asks
   * for TLS, and `sslrootcert`, `sslcert` and `sslkey` name files of
   * certificates. The options `schema`, `migrate`, `listen`, `prepare` and `max`
   * can stand there, too: `?schema=jobs&migrate=false`. Several hosts, apart
   * by commas, are tried in turn. Either this or `sql`.
   */
  readonly url?: string | undefined;
  /**
   * A client of postgres.js that the program has anyway. Statements go
   * through it, and it is not ended with the store; for notifications the
   * store opens one connection of the same options. Give it
   * `max_pipeline: 1`: with more, postgres.js lets statements hang when their
   * connection is lost.
   */
  readonly sql?: PostgresSql | undefined;
  /**
   * The schema that holds the tables.
   *
   * @default {"lovage"}
   */
  readonly schema?: string | undefined;
  /** More options for postgres.js, such as `ssl` or `password`. */
  readonly driver?: Readonly<Record<string, unknown>> | undefined;
}

/** What `postgresStore` takes. */
export interface PostgresStoreOptions extends StoreOptions, PostgresConnection {
  /**
   * Whether `open()` brings the schema up to date. Otherwise
   * `lovage migrate` does, and `open()` says so if that is missing.
   *
   * @default {true}
   */
  readonly migrate?: boolean | undefined;
  /**
   * Whether the store is told of what others do by LISTEN and NOTIFY.
   * `false` is for poolers in transaction mode, such as PgBouncer: the store
   * then polls, and uses nothing that belongs to a session.
   *
   * @default {true}
   */
  readonly listen?: boolean | undefined;
  /**
   * Whether statements are prepared, which halves their latency.
   *
   * @default {the value of `listen`}
   */
  readonly prepare?: boolean | undefined;
  /**
   * The most connections, beside the one that listens.
   *
   * @default {4}
   */
  readonly max?: number | undefined;
  /**
   * How long one statement may take, in milliseconds.
   *
   * @default {15_000}
   */
  readonly timeout?: number | undefined;
  /**
   * For how long a statement is sent again when the connection was lost or
   * another transaction was in the way, in milliseconds.
   *
   * @default {10_000}
   */
  readonly retryFor?: number | undefined;
}

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63;

/**
 * The options, with those that the URL holds; what is given beside it counts.
 *
 * @throws {StoreError} for what cannot be meant
 */
export function readOptions(
  options: PostgresStoreOptions,
): PostgresStoreOptions {
  const { url, sql } = options;
  if ((url === undefined) === (sql === undefined)) {
    throw refused(
      "A PostgreSQL store takes either `url` or `sql`: give one of them, " +
        'such as { url: "postgres://user:password@localhost/app" }',
    );
  }
  if (sql !== undefined && typeof sql?.unsafe !== "function") {
    throw refused(
      "`sql` of a PostgreSQL store is a client of postgres.js, such as " +
        "`postgres(url)` returns: give one, or `url`",
    );
  }
  if (url === undefined) return options;
  const read = readUrl(url);
  return {
    ...options,
    schema: options.schema ?? read.options.schema,
    migrate: options.migrate ?? read.options.migrate,
    listen: options.listen ?? read.options.listen,
    prepare: options.prepare ?? read.options.prepare,
    max: options.max ?? read.options.max,
  };
}

/**
 * The options of the client.
 *
 * @throws {StoreError} for what cannot be meant
 */
export function clientOptions(options: PostgresStoreOptions): ClientOptions {
  const { url, sql, schema = "lovage", listen = true } = options;
  checkSchema(schema);
  const read = url === undefined ? undefined : readUrl(url);
  const address = addressOf(url, sql);
  return {
    url: read?.url,
    sql,
    hasManyHosts: read?.hasManyHosts ?? false,
    server: read?.server ?? null,
    driver: {
      connect_timeout: 5,
      ...(read?.tls && tlsOptions(read.tls, address)),
      ...options.driver,
    },
    address,
    schema,
    max: positive("max", options.max ?? 4),
    prepare: options.prepare ?? listen,
    session: listen,
    timeout: positive("timeout", options.timeout ?? 15_000),
    retryFor: options.retryFor ?? 10_000,
  };
}

function checkSchema(schema: unknown): void {
  const bytes = typeof schema === "string"
    ? new TextEncoder().encode(schema).length
    : 0;
  const isName = typeof schema === "string" && schema.isWellFormed() &&
    !schema.includes("\0") && !schema.startsWith("pg_");
  if (isName && bytes > 0 && bytes <= LONGEST_NAME) return;
  throw refused(
    `The schema of a PostgreSQL store is a name of 1 to ${LONGEST_NAME} ` +
      `bytes that does not begin with "pg_", not ${
        JSON.stringify(schema) ?? typeof schema
      }: give one such as "lovage"`,
  );
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw refused(
    `\`${name}\` of a PostgreSQL store is a whole number above 0, not ` +
      `${JSON.stringify(value) ?? typeof value}: give one, or leave it out`,
  );
}

function refused(message: string): StoreError {
  return new StoreError(message, { transient: false });
}

/** The address for people, without the password. */
function addressOf(
  url: string | undefined,
  sql: PostgresSql | undefined,
): string {
  if (url !== undefined) {
    return url.replace(/(:\/\/[^/@:]*):[^/]*@/, "$1:***@").replace(
      /([?&][^=&#]*(?:pass|secret|token|key)[^=&#]*=)[^&#]*/gi,
      "$1***",
    );
  }
  const { options = {} } = sql as { options?: Record<string, unknown> };
  const first = (value: unknown) => Array.isArray(value) ? value[0] : value;
  const host = first(options["host"]) ?? "?";
  const port = first(options["port"]) ?? 5432;
  const database = options["database"] ?? "";
  return `postgres://${options["user"] ?? ""}@${host}:${port}/${database}`;
}
