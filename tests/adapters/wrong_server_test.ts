/**
 * What listens at the address of a store is something else, or does not
 * listen to this one; and which of that may pass by itself.
 */

import { freePort } from "./fixtures/free_port.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { whoAnswers } from "../../adapters/_net/who_answers.ts";
import { postgresStore } from "../../adapters/postgres/mod.ts";
import { redisStore } from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { serverTest, startRedis, withServer } from "./fixtures/redis_server.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const postgresTest = postgresSuite();

/** The error that opening ends with. */
async function failure(url: string): Promise<StoreError> {
  const store = url.startsWith("redis")
    ? redisStore({ url, patience: 100, commandTimeout: 500 })
    : postgresStore({ url, driver: { connect_timeout: 1 }, timeout: 2_000 });
  const error = await assertRejects(() => store.open(), StoreError);
  await store.close();
  return error;
}

/** Runs with a web server on a port of its own. */
async function withWebServer(
  test: (port: number) => Promise<void>,
): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, () => new Response("hello"));
  try {
    await test(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a web server is no store", () =>
  withWebServer(async (port) => {
    assertEquals(await whoAnswers("127.0.0.1", port), "http");
    for (const scheme of ["redis", "postgres"]) {
      const error = await failure(`${scheme}://127.0.0.1:${port}`);
      assertMatch(error.message, /not (Redis|PostgreSQL): correct host and p/);
      assertEquals(error.transient, false);
    }
  }));

Deno.test("where nobody listens, nobody answers", async () => {
  assertEquals(await whoAnswers("127.0.0.1", freePort()), "unknown");
  for (const scheme of ["redis", "postgres"]) {
    const error = await failure(`${scheme}://127.0.0.1:${freePort()}`);
    assertMatch(error.message, /start the server/);
    assertEquals(error.transient, true);
  }
});

Deno.test("a server that says nothing may be one that is paused", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  try {
    for (const scheme of ["redis", "postgres"]) {
      const error = await failure(`${scheme}://127.0.0.1:${port}`);
      assertMatch(error.message, /does not answer|cannot be reached/);
      assertEquals(error.transient, true, error.message);
    }
  } finally {
    listener.close();
  }
});

Deno.test("a server that hangs up at once is not called without a pause", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let calls = 0;
  const hangingUp = (async () => {
    for await (const connection of listener) {
      calls++;
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const error = await failure(`postgres://127.0.0.1:${port}/app`);
  listener.close();
  await hangingUp;
  assertMatch(error.message, /was lost/);
  assertEquals(error.transient, true);
  // Two tries, and three looks at who it is after each.
  assert(calls <= 10, `${calls} calls`);
});

postgresTest("a Redis store at the port of PostgreSQL", async ({ server }) => {
  assertEquals(await whoAnswers("127.0.0.1", server.port), "postgres");
  for (const scheme of ["redis", "rediss"]) {
    const error = await failure(`${scheme}://127.0.0.1:${server.port}`);
    assertMatch(error.message, /is PostgreSQL, not Redis/);
    assertEquals(error.transient, false);
  }
});

postgresTest("TLS that the server does not offer", async ({ server }) => {
  const error = await failure(`${server.url()}?sslmode=require`);
  assertMatch(error.message, /offers no TLS: take `sslmode` out/);
  assertEquals(error.transient, false);
});

postgresTest("parameters that nobody knows", async ({ server }) => {
  const error = await failure(`${server.url()}?sslcrl=ca.pem`);
  assertMatch(error.message, /"sslcrl".*: take the parameter out/);
  assertEquals(error.transient, false);
});

postgresTest(
  "of several hosts the one that answers",
  async ({ server, schema, open }) => {
    const hosts = `127.0.0.1:${freePort()},127.0.0.1:${server.port}`;
    const url = `postgres://postgres@${hosts}/postgres?schema=${schema}`;
    const store = await open({ url });
    assertEquals(await store.inspector.queues(), []);
  },
);

postgresTest(
  "a read-only server passes when there are several",
  async ({ server, schema, open }) => {
    await open();
    await server.psql(`
    create role sleeper login;
    alter role sleeper set default_transaction_read_only = on;
    grant usage on schema ${schema} to sleeper;
    grant select on all tables in schema ${schema} to sleeper;
  `);
    const one = `127.0.0.1:${server.port}`;
    for (const hosts of [one, `${one},${one}`]) {
      const url = `postgres://sleeper@${hosts}/postgres?schema=${schema}`;
      const error = await failure(url);
      assertMatch(error.message, /is read-only/);
      assertEquals(error.transient, hosts !== one);
    }
  },
);

serverTest(
  "a PostgreSQL store at the port of Redis",
  () =>
    withServer(async (server) => {
      assertEquals(await whoAnswers("127.0.0.1", server.port), "redis");
      const error = await failure(`postgres://me@127.0.0.1:${server.port}/app`);
      assertMatch(error.message, /is Redis, not PostgreSQL: .*redis:\/\//);
      assertEquals(error.transient, false);
    }),
);

serverTest(
  "a cluster that is none, and one that is not said to be one",
  async () => {
    await withServer(async (server) => {
      const error = await failure(`redis+cluster://127.0.0.1:${server.port}`);
      assertMatch(error.message, /is no node of a Redis Cluster: write redis:/);
      assertEquals(error.transient, false);
    });
    const node = await startRedis(["--cluster-enabled", "yes"]);
    try {
      const error = await failure(node.url);
      assertMatch(
        error.message,
        /is a node of a Redis Cluster: write redis\+c/,
      );
      assertEquals(error.transient, false);
    } finally {
      await node.stop();
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);

serverTest("a server that answers its own machine only", async () => {
  const address = Deno.networkInterfaces().find((each) =>
    each.family === "IPv4" && !each.address.startsWith("127.")
  )?.address;
  // A machine without a network has nobody to be protected from.
  if (address === undefined) return;
  const server = await startRedis(["--bind", "0.0.0.0"]);
  try {
    const error = await failure(`redis://${address}:${server.port}`);
    assertMatch(error.message, /is in protected mode .*: give it a password/);
    assertEquals(error.transient, false);
  } finally {
    await server.stop();
  }
});

serverTest(
  "a server with no connection left",
  () =>
    withServer(async (server, open) => {
      await open();
      await server.cli("config", "set", "maxclients", "1");
      const error = await failure(server.url);
      assertMatch(error.message, /has no connection left: raise maxclients/);
      assertEquals(error.transient, true);
    }),
);
