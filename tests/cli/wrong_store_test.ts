/**
 * A store that is misused is refused at once, by every command, in a sentence
 * that says what to do.
 */

import { freePort } from "../adapters/fixtures/free_port.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type PostgresServer,
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import {
  missing as whyNoRedis,
  type RedisServer,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { Workplace } from "./fixtures/processes.ts";

interface Servers {
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
}

/** What is wrong, the URL that leads to it, and what is to be said. */
type Case = readonly [
  what: string,
  url: (servers: Servers) => string,
  sentence: RegExp,
];

const REDIS: readonly Case[] = [
  [
    "a password",
    ({ redis }) => `redis://:secret@127.0.0.1:${redis.port}`,
    /refuses the user name or the password: correct them/,
  ],
  [
    "no password",
    ({ redis }) => `redis://127.0.0.1:${redis.port}`,
    /wants a password: write it into the URL/,
  ],
  [
    "a database",
    ({ redis }) => `redis://:right@127.0.0.1:${redis.port}/99`,
    /no database of this number/,
  ],
  [
    "rights",
    ({ redis }) => `redis://few:secret@127.0.0.1:${redis.port}`,
    /lacks a right \(.*\): grant it/,
  ],
  [
    "a replica",
    ({ redis }) => `redis://:right@127.0.0.1:${redis.port}/1?prefix=replica`,
    /read-only replica: give the address of its master/,
  ],
  [
    "the port of PostgreSQL",
    ({ postgres }) => `redis://127.0.0.1:${postgres.port}`,
    /is PostgreSQL, not Redis: correct the port/,
  ],
];

const POSTGRES: readonly Case[] = [
  [
    "a password",
    ({ postgres }) => postgres.url({ user: "needs_password", password: "x" }),
    /refuses this user or password .*: correct them/,
  ],
  [
    "a database",
    ({ postgres }) => postgres.url({ database: "nope" }),
    /no such database .*CREATE DATABASE/,
  ],
  [
    "rights",
    ({ postgres }) => postgres.url({ user: "nobody_much" }),
    /lacks a right .*`lovage migrate`/,
  ],
  [
    "a read-only database",
    ({ postgres }) => postgres.url({ user: "reader" }),
    /is read-only.*give the address of the primary/,
  ],
  [
    "TLS that is not offered",
    ({ postgres }) => `${postgres.url()}?sslmode=require`,
    /offers no TLS: take `sslmode` out/,
  ],
  [
    "a schema that is not there",
    ({ postgres }) => `${postgres.url()}?schema=nowhere&migrate=false`,
    /"nowhere" .* is not there: run `lovage migrate`/,
  ],
];

const reason = whyNoRedis ?? whyNoPostgres();
const suffix = reason === undefined ? "" : ` (skipped: ${reason})`;
let servers: Servers | undefined;

Deno.test.afterAll(async () => {
  await servers?.redis.stop();
  await servers?.postgres.dispose();
});
if (reason === undefined) {
  Deno.test.beforeAll(async () => {
    const [redis, postgres] = await Promise.all([
      startRedis(["--requirepass", "right"], ["-a", "right"]),
      startPostgres(),
    ]);
    await redis.cli(...["acl", "setuser", "few", "on", ">secret", "+info"]);
    await postgres.psql(`
      create role needs_password login password 'right';
      create role nobody_much login;
      create role reader login;
      alter role reader set default_transaction_read_only = on;
    `);
    servers = { redis, postgres };
  });
}

function test(name: string, fn: (servers: Servers) => Promise<void>): void {
  Deno.test({
    name: `${name}${suffix}`,
    ignore: reason !== undefined,
    fn: async () => {
      assert(servers !== undefined);
      await fn(servers);
    },
  });
}

/** What each command says of a URL. */
async function refuses(url: string, sentence: RegExp): Promise<void> {
  await using place = new Workplace();
  const worker = place.start("--broker", url, "-P", "async");
  const [status, ...others] = await Promise.all([
    worker.status(),
    place.lovage("call", "math.add", "-a", "[1, 2]", "--broker", url),
    place.lovage("status", "--broker", url),
  ]);
  const said = worker.stderr.join("\n");
  assertEquals(status.code, 69, said);
  for (const stderr of [said, ...others.map((each) => each.stderr.trim())]) {
    assertMatch(stderr, sentence);
    assertMatch(stderr, /^Error: [^\n]+$/, "One sentence, no stack");
    assert(!/secret/.test(stderr), stderr);
  }
  assertEquals(others.map(({ code }) => code), [69, 69]);
}

for (const [what, url, sentence] of REDIS) {
  test(`Redis and ${what} that will not do`, async (all) => {
    const isReplica = what === "a replica";
    if (isReplica) {
      await all.redis.cli("replicaof", "127.0.0.1", String(freePort()));
    }
    try {
      await refuses(url(all), sentence);
    } finally {
      if (isReplica) await all.redis.cli("replicaof", "no", "one");
    }
  });
}

for (const [what, url, sentence] of POSTGRES) {
  test(`PostgreSQL and ${what} that will not do`, (all) =>
    refuses(url(all), sentence));
}

Deno.test("a URL that no store understands is a mistake of the settings", async () => {
  await using place = new Workplace();
  const cases: [string, RegExp][] = [
    ["redis://host/first", /is a number from 0/],
    ["postgres://host/app?listen=maybe", /"listen" .* is true or false/],
    ["postgress://host/app", /Did you mean postgres:\/\/\?/],
  ];
  await Promise.all(cases.map(async ([url, sentence]) => {
    const worker = place.start("--broker", url, "-P", "async");
    assertEquals((await worker.status()).code, 78, url);
    assertMatch(worker.stderr.join("\n"), sentence);
  }));
});
