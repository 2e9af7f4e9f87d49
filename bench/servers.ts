/**
 * What tasks are stored in, started by the benchmark for itself: one Redis
 * without persistence, one PostgreSQL with its defaults, fsync on, and files
 * of SQLite.
 *
 * @module
 */

import postgres from "postgres";
import {
  startPostgres,
  whyNoPostgres,
} from "../tests/adapters/fixtures/postgres_server.ts";
import {
  missing,
  startRedis,
} from "../tests/adapters/fixtures/redis_server.ts";

/** The stores. */
export type StoreName = "sqlite" | "redis" | "postgres";

/** A running server. */
export interface BenchServer {
  /** What it serves. */
  readonly store: StoreName;
  /** What it is, with its version. */
  readonly about: string;
  /** Its processes: none where it is a library. */
  readonly pids: readonly number[];
  /**
   * Gives an empty place, and drops the one that it gave before; or one for
   * each of two sides that are measured at a time.
   */
  fresh(side?: 0 | 1): Promise<string>;
  /** Gives one more place, which stays. */
  another(): Promise<string>;
  /**
   * Brings a place that was just filled to where it would be a minute later,
   * so that whether that happens during a measure is no matter of luck.
   */
  settle(url: string): Promise<void>;
  /** How many bytes a place holds: of memory (Redis: of all places) or disk. */
  bytes(url: string): Promise<number>;
  /** How many commands (Redis) or transactions (PostgreSQL) it has served. */
  served(url: string): Promise<number>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Why a store cannot be measured here, if so. */
export function whyNot(store: StoreName): string | undefined {
  const reason = {
    sqlite: undefined,
    redis: missing,
    postgres: whyNoPostgres(),
  };
  const why = reason[store];
  return why === undefined ? undefined : `${store} is skipped: ${why}`;
}

/** Starts a server. */
export function startServer(store: StoreName): Promise<BenchServer> {
  const start = {
    sqlite: sqliteFiles,
    redis: redisServer,
    postgres: postgresServer,
  };
  return start[store]();
}

async function sqliteFiles(): Promise<BenchServer> {
  const folder = await Deno.makeTempDir({ prefix: "lovage-bench-" });
  let count = 0;
  const create = async () => {
    const place = `${folder}/${++count}`;
    await Deno.mkdir(place);
    return place;
  };
  const places = ["", ""];
  return {
    store: "sqlite",
    about: "SQLite as Deno has it, synchronous=FULL",
    pids: [],
    async fresh(side = 0) {
      const old = places[side] ?? "";
      if (old !== "") await Deno.remove(old, { recursive: true });
      const place = places[side] = await create();
      return `sqlite://${place}/bench.db`;
    },
    another: async () => `sqlite://${await create()}/bench.db`,
    settle: () => Promise.resolve(),
    bytes: (url) => Promise.resolve(bytesOfFiles(url)),
    served: () => Promise.resolve(0),
    stop: () => Deno.remove(folder, { recursive: true }),
  };
}

async function redisServer(): Promise<BenchServer> {
  const server = await startRedis();
  let databases = 1;
  const info = async (section: string, name: string) => {
    const text = await server.cli("info", section);
    return text.match(new RegExp(`^${name}:(.*?)\r?$`, "m"))?.[1] ?? "";
  };
  return {
    store: "redis",
    about: `Redis ${await info("server", "redis_version")}, no persistence`,
    pids: [server.pid],
    async fresh(side = 0) {
      await server.cli("-n", String(side), "flushdb", "sync");
      return `redis://127.0.0.1:${server.port}/${side}`;
    },
    another: () =>
      Promise.resolve(`redis://127.0.0.1:${server.port}/${++databases}`),
    settle: () => Promise.resolve(),
    bytes: async () => Number(await info("memory", "used_memory")),
    served: async () => Number(await info("stats", "total_commands_processed")),
    stop: () => server.stop(),
  };
}

async function postgresServer(): Promise<BenchServer> {
  const server = await startPostgres("max_connections = 200\n");
  const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  const [version] = await sql`show server_version`;
  let count = 0;
  const databases = ["", ""];
  const create = async () => {
    const name = `bench_${++count}`;
    await sql.unsafe(`create database "${name}"`);
    return name;
  };
  return {
    store: "postgres",
    about: `PostgreSQL ${version?.["server_version"]}, fsync on`,
    pids: [server.pid()],
    async fresh(side = 0) {
      const old = databases[side] ?? "";
      if (old !== "") {
        await sql.unsafe(`drop database "${old}" with (force)`);
      }
      const database = databases[side] = await create();
      return server.url({ database });
    },
    another: async () => server.url({ database: await create() }),
    async settle(url) {
      // As autovacuum would: without statistics the plans of some peers are
      // several times slower.
      const place = postgres(url, { max: 1, onnotice: () => {} });
      await place`analyze`;
      await place.end();
      await sql`checkpoint`;
    },
    async bytes(url) {
      const database = databaseOf(url);
      const [row] = await sql`select pg_database_size(${database}) as bytes`;
      return Number(row?.["bytes"]);
    },
    async served(url) {
      const [row] = await sql`
        select xact_commit + xact_rollback as served
        from pg_stat_database where datname = ${databaseOf(url)}`;
      return Number(row?.["served"]);
    },
    async stop() {
      await sql.end();
      await server.dispose();
    },
  };
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function bytesOfFiles(url: string): number {
  const path = url.replace("sqlite://", "");
  const folder = path.slice(0, path.lastIndexOf("/"));
  return [...Deno.readDirSync(folder)].reduce(
    (sum, { name }) => sum + Deno.statSync(`${folder}/${name}`).size,
    0,
  );
}
