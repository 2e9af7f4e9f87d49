/**
 * Who leads is measured by the store's server, which all processes share: a
 * machine whose clock is wrong must not take the lead for it.
 */

import { assert } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { internalsOf } from "../../src/internals.ts";
import { whyNoPostgres } from "../adapters/fixtures/postgres_server.ts";
import { postgresServer } from "../adapters/fixtures/postgres_suite.ts";
import { missing, startRedis } from "../adapters/fixtures/redis_server.ts";

const AN_HOUR = 3_600_000;

/** Runs something on a machine whose clock is an hour ahead. */
async function anHourAhead<T>(work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + AN_HOUR;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

async function isServerTime(url: string): Promise<void> {
  await using app = new Lovage("shop", { brokerUrl: url });
  const { broker } = await internalsOf(app).stores.open();
  const lead = await anHourAhead(() => broker.scheduler.leader());
  const off = Math.abs(lead.now - Date.now());
  assert(off < AN_HOUR / 2, `The store's time is ${off} ms off`);
}

Deno.test({
  name: "beats on Redis go by the time of the server",
  ignore: missing !== undefined,
  fn: async () => {
    const server = await startRedis();
    try {
      await isServerTime(server.url);
    } finally {
      await server.stop();
    }
  },
});

const server = postgresServer();

Deno.test({
  name: "beats on PostgreSQL go by the time of the server",
  ignore: whyNoPostgres() !== undefined,
  fn: async () => await isServerTime((await server()).url()),
});
