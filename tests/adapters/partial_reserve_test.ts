/**
 * A reservation of several steps, one of which fails: what those before it
 * have leased is delivered. A worker that lives would hold it for ever, and
 * never know. It hears of the error all the same.
 */

import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { redisStore } from "../../adapters/redis/mod.ts";
import { shardOf } from "../../adapters/redis/cluster/shards.ts";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  ONE,
  publishLimited,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";
import { startCluster } from "./fixtures/redis_cluster.ts";
import { serverTest } from "./fixtures/redis_server.ts";

const CASES = [
  // A store that knows of limits looks for what has some first.
  { what: "no limits", knows: true, isBroken: isPlain },
  { what: "limits", knows: false, isBroken: (text: string) => !isPlain(text) },
];

function assertHeard(errors: readonly unknown[]): void {
  assertEquals(errors.map((error) => error instanceof StoreError), [true]);
}

function isPlain(text: string): boolean {
  return !text.includes("limit_take");
}

for (const { what, knows, isBroken } of CASES) {
  postgresSuite()(
    `what was leased is delivered when the look for what has ${what} fails`,
    async ({ server, open }) => {
      const sql = postgres(server.url(), {
        ...{ max_pipeline: 1 },
        onnotice: () => {},
      });
      let broken = false;
      const failing: PostgresSql = Object.assign(() => {}, {
        unsafe(text: string, values: unknown[] = [], options = {}) {
          if (broken && isBroken(text)) throw new Error("It was cut");
          const own = sql as unknown as PostgresSql;
          return own.unsafe(text, values, options);
        },
      });
      try {
        const store = await open({ sql: failing, listen: false, retryFor: 0 });
        await publishLimited(knows ? store : await open(), ["limited"], ONE);
        await store.broker.publish([message("plain")]);
        broken = true;
        const errors: unknown[] = [];
        const failed = (error: unknown) => errors.push(error);
        const found = await reserve(store, { failed });
        assertEquals(found.length, 1);
        assertHeard(errors);
        await assertRejects(() => reserve(store), StoreError);
        broken = false;
        await store.close();
      } finally {
        await sql.end();
      }
    },
  );
}

serverTest(
  "what was leased is delivered when a later shard of a cluster fails",
  async () => {
    const cluster = await startCluster();
    const store = redisStore({ url: cluster.url });
    try {
      await store.open();
      // The shards are asked in this order.
      const turn = (queue: string) => (shardOf(queue) + 15) % 16;
      const queues = ["a", "b", "c"].sort((a, b) => turn(a) - turn(b));
      const [first = "", , last = ""] = queues;
      await store.broker.publish([message("one", { queue: first })]);
      const key = `{lovage:${shardOf(last)}}:queue:${last}`;
      await cluster.nodes[0]?.cli("-c", "set", key, "no sorted set");
      const errors: unknown[] = [];
      const failed = (error: unknown) => errors.push(error);
      assertEquals(ids(await reserve(store, { queues, failed })), ["one"]);
      assertHeard(errors);
      await assertRejects(() => reserve(store, { queues }), StoreError);
    } finally {
      await store.close();
      await cluster.stop();
    }
  },
);
