/**
 * A store that is away: a worker waits for it, at the start as the settings
 * say and later without end, and says so once.
 */

import { freePort } from "../adapters/fixtures/free_port.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { type WorkerProcess, Workplace } from "./fixtures/processes.ts";

/** A server that goes away and comes back. */
interface Server {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly missing: string | undefined;
  /** The URL of a port that nobody listens on. */
  readonly nowhere: () => string;
  /** The source of a store that gives a call up soon. */
  readonly hasty: (url: string) => string;
  readonly serve: () => Promise<Server>;
}

const KINDS: readonly Kind[] = [
  {
    name: "Redis",
    missing: whyNoRedis,
    nowhere: () => `redis://:secret@127.0.0.1:${freePort()}`,
    hasty: (url) => `redisStore({ url: "${url}", patience: 100 })`,
    serve: async () => {
      const redis = await startRedis();
      return { ...redis, dispose: redis.stop };
    },
  },
  {
    name: "PostgreSQL",
    missing: whyNoPostgres(),
    nowhere: () => `postgres://me:secret@127.0.0.1:${freePort()}/app`,
    hasty: (url) => `postgresStore({ url: "${url}", retryFor: 100 })`,
    serve: async () => {
      const postgres = await startPostgres();
      return {
        url: postgres.url(),
        kill: () => postgres.stop("immediate"),
        start: postgres.start,
        dispose: postgres.dispose,
      };
    },
  },
];

function count(worker: WorkerProcess, pattern: RegExp): number {
  return worker.stderr.filter((line) => pattern.test(line)).length;
}

for (const { name, missing, nowhere, hasty, serve } of KINDS) {
  const test = (what: string, fn: () => Promise<void>) =>
    Deno.test({
      name: `${name}: ${what}${missing ? ` (skipped: ${missing})` : ""}`,
      ignore: missing !== undefined,
      fn,
    });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${signal} ends the waiting at the start`, async () => {
      await using place = new Workplace();
      const worker = place.start("--broker", nowhere(), "-P", "async");
      const line = await worker.line(/Trying again in 1 s \(1 of 100\)/);
      assert(!/secret/.test(line), line);
      worker.kill(signal);
      const told = performance.now();
      await worker.line(/has stopped before it had started$/);
      assertEquals((await worker.status()).code, 0);
      assert(performance.now() - told < 900, "It waited for its next try");
      assertMatch(worker.stdout.at(-2) ?? "", /received: it has not started/);
    });
  }

  test("a worker gives up as its settings say", async () => {
    await using place = new Workplace();
    const start = (setting: string) =>
      place.start(
        ...["-P", "async", "--app"],
        ownApp(place, `{ brokerUrl: "${nowhere()}", ${setting} }`),
      );
    const never = start("brokerConnectionRetryOnStartup: false");
    const once = start("brokerConnectionMaxRetries: 1");
    assertEquals((await never.status()).code, 69);
    assertEquals(count(never, /Trying again/), 0);
    assertEquals((await once.status()).code, 69);
    assertEquals(count(once, /Trying again in 1 s \(1 of 1\)/), 1);
    for (const { stderr } of [never, once]) {
      assertMatch(stderr.at(-1) ?? "", /^Error: .* start the server/);
    }
  });

  test("a worker stops soon though its store is away", async () => {
    const server = await serve();
    try {
      await using place = new Workplace();
      const worker = await place.worker("--broker", server.url, "-P", "async");
      await server.kill();
      const told = performance.now();
      worker.kill("SIGTERM");
      assertEquals((await worker.status()).code, 0);
      const took = performance.now() - told;
      // It waits two seconds for what it asked for, and five for its leave.
      assert(took < 9_000, `It took ${took} ms`);
    } finally {
      await server.dispose();
    }
  });

  test("a worker waits for its store, at the start and later", async () => {
    const server = await serve();
    try {
      await server.kill();
      await using place = new Workplace();
      const app = ownApp(
        place,
        `{ store: ${hasty(server.url)}, workerLease: "1s" }`,
      );
      const worker = place.start(
        ...["-P", "async", "-l", "debug", "--app", app],
      );
      await worker.line(/WARNING .*Trying again in 1 s/);
      await server.start();
      await worker.line(/The store is back/);
      await worker.line(/is ready/);

      await server.kill();
      await worker.line(/ERROR .*start the server.*goes on trying/);
      await worker.lines(/DEBUG .*Cannot reserve tasks/, 2);
      await worker.lines(/DEBUG .*The heartbeat failed/, 2);
      assertEquals(count(worker, / ERROR /), 1, worker.stderr.join("\n"));
      await server.start();
      await worker.line(/INFO .*The store (redis|postgres):.* is back after/);
      const { stdout, stderr } = await place.run(app);
      assertEquals([stdout, stderr], ["3\n", ""]);
      worker.kill("SIGTERM");
      assertEquals((await worker.status()).code, 0);
      assertEquals(count(worker, / is back after /), 1);
      assertEquals(count(worker, / ERROR /), 1);
    } finally {
      await server.dispose();
    }
  });
}

Deno.test({
  name: "what is a danger to tasks is said by the worker and the status",
  ignore: whyNoRedis !== undefined,
  fn: async () => {
    const redis = await startRedis(["--maxmemory-policy", "allkeys-lru"]);
    try {
      await using place = new Workplace();
      const worker = await place.worker("--broker", redis.url, "-P", "async");
      await worker.line(/WARNING .*may drop tasks.*\(it is allkeys-lru\)/);
      const { stdout } = await place.lovage("status", "--broker", redis.url);
      assertMatch(stdout, /^Warning: .*set `maxmemory-policy` to noeviction/m);
    } finally {
      await redis.stop();
    }
  },
});
