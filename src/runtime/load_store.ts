/**
 * From a URL to the adapter that speaks its scheme.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { Store, StoreOptions } from "../contracts/store.ts";
import { StoreError } from "../errors.ts";
import { nearest } from "../options.ts";
import { withGuardedEnvironment } from "./guarded_environment.ts";
import { maskUrl } from "../printable.ts";
import { sqliteQuery } from "./sqlite_query.ts";

type Load = (url: URL, text: string, options: StoreOptions) => Promise<Store>;

// Each adapter is loaded only when a URL asks for it.
const ADAPTERS: Readonly<Record<string, Load>> = {
  memory: async (url, _text, options) => {
    const { memoryStore } = await import("../../adapters/memory/mod.ts");
    const name = url.hostname + url.pathname;
    return memoryStore({ ...options, ...(name === "" ? {} : { name }) });
  },
  sqlite: async (_url, text, options) => {
    const { sqliteStore } = await import("../../adapters/sqlite/mod.ts")
      .catch(explainNoSqlite);
    return sqliteStore({
      path: sqlitePath(text),
      ...sqliteQuery(text),
      ...options,
    });
  },
  "redis": loadRedis,
  "rediss": loadRedis,
  "redis+sentinel": loadRedis,
  "redis+cluster": loadRedis,
  postgres: loadPostgres,
  postgresql: loadPostgres,
  https: loadGateway,
  http: loadGateway,
};

/** A Node that is too old says that there is no such module. */
function explainNoSqlite(error: unknown): never {
  if (!/built-in module.*node:sqlite/.test(String(error))) throw error;
  throw new StoreError(
    "This runtime has no SQLite: sqlite:// needs Node 22.13 or later, Bun 1.4 or Deno 2.9. Take one of these, or another store (brokerUrl)",
    { cause: error, transient: false },
  );
}

async function loadGateway(_url: URL, text: string): Promise<Store> {
  const { gatewayStore } = await import("../../adapters/gateway/mod.ts");
  return gatewayStore({ url: text });
}

async function loadRedis(
  _url: URL,
  text: string,
  options: StoreOptions,
): Promise<Store> {
  // The store says why, if that cannot be.
  await withGuardedEnvironment(() => import("ioredis")).catch(() => {});
  const { redisStore } = await import("../../adapters/redis/mod.ts");
  return redisStore({ url: text, ...options });
}

async function loadPostgres(
  _url: URL,
  text: string,
  options: StoreOptions,
): Promise<Store> {
  const { postgresStore } = await import("../../adapters/postgres/mod.ts");
  return postgresStore({ url: text, ...options });
}

/**
 * Makes the store that a URL names. It is not opened yet.
 *
 * @param clock where time comes from; without one, adapters go by their own
 * default, and some by their server
 * @throws {StoreError} for a URL that cannot be read or an unknown scheme
 */
export async function loadStore(
  text: string,
  clock: Clock | null = null,
): Promise<Store> {
  const url = parseUrl(text);
  const scheme = url.protocol.slice(0, -1);
  const load = Object.hasOwn(ADAPTERS, scheme) ? ADAPTERS[scheme] : undefined;
  if (load === undefined) throw unknownScheme(text, scheme);
  return await load(url, text, clock === null ? {} : { clock });
}

const MISUSE = { transient: false };

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // Several hosts, apart by commas, are no URL; the first stands for all.
    const first = text.replace(/,[^/?#]*/, "");
    if (first !== text && URL.canParse(first)) return new URL(first);
    throw new StoreError(
      `"${
        maskUrl(text)
      }" is not the URL of a store. Write, for example, sqlite://./lovage.db or memory://`,
      MISUSE,
    );
  }
}

function unknownScheme(text: string, scheme: string): StoreError {
  const names = Object.keys(ADAPTERS);
  const near = nearest(scheme, names);
  const hint = near === undefined ? "" : ` Did you mean ${near}://?`;
  return new StoreError(
    `No store speaks "${scheme}://" (in "${maskUrl(text)}"). Known are: ${
      names.map((name) => `${name}://`).join(", ")
    }.${hint}`,
    MISUSE,
  );
}

/**
 * `sqlite://./a.db` is relative, `sqlite:///var/a.db` is absolute.
 *
 * @throws {StoreError} for a URL without `//`, or one that names no file
 */
export function sqlitePath(text: string): string {
  const rest = text.replace(/^sqlite:/i, "");
  if (!rest.startsWith("//")) {
    // Otherwise it would be a file of that name, "sqlite:" included.
    throw new StoreError(
      `"${text}" is not the URL of a SQLite store. Write sqlite://${rest}`,
      MISUSE,
    );
  }
  const path = decodeURIComponent(rest.slice(2).replace(/[?#].*$/, ""));
  if (path === "" || path === "/") {
    throw new StoreError(
      `"${text}" names no file. Write sqlite://./lovage.db for a file beside the program, or sqlite:///var/lib/lovage.db`,
      MISUSE,
    );
  }
  return path;
}
