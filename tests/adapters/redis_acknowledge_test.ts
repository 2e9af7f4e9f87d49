/**
 * Acknowledgements of the usual kind: their records are counted and listed as
 * those of all others are.
 */

import { assertEquals } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
import type { ResultFilter, Store } from "../../src/contracts/mod.ts";
import {
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

serverTest(
  "records of a batch replace, count and list as they should",
  async () => {
    const server = await startRedis();
    const store = redisStore({ url: server.url });
    await store.open();
    try {
      // Of several hashes, and of several lists.
      const names = Array.from(
        { length: 700 },
        (_, at) =>
          at % 2 === 0
            ? `m${at}`
            : `0193${String(at % 3).padStart(4, "0")}-0000-7000-8000-${
              String(at).padStart(12, "0")
            }`,
      );
      await store.broker.publish(names.map((id) => message(id)));
      const held = await reserve(store, { limit: 700 });
      assertEquals(ids(held), names);
      const started = { state: "STARTED", ended: false } as const;
      const some = names.slice(0, 10);
      await store.results.store(some.map((id) => record(id, started)));
      const batch = held.map((one, at) => ({
        ...settlement(one, { kind: "ack" }, { result: record(one.id) }),
        // Two of them are stale, one of which was started.
        token: at === 5 || at === 600 ? one.token + 1 : one.token,
      }));
      const answer = await store.broker.settle("c1", batch);
      const stale = names.flatMap((_, at) => answer[at] ? [] : [at]);
      assertEquals(stale, [5, 600]);
      assertEquals(await store.results.countByState(), {
        STARTED: 1,
        SUCCESS: 698,
      });
      const listed = await listAll(store, { state: "SUCCESS" });
      const acked = names.filter((_, at) => answer[at]);
      assertEquals(listed, acked.toReversed());
      const rest = await store.broker.settle(
        "c1",
        held.filter((_, at) => !answer[at]).map((one) => settlement(one)),
      );
      assertEquals(rest, [true, true]);
      assertEquals(await store.inspector.queues(), []);
    } finally {
      await store.close();
      await server.stop();
    }
  },
);

serverTest(
  "records of large and small batches keep their order when some are replaced and some expire",
  async () => {
    const server = await startRedis();
    const store = redisStore({ url: server.url });
    await store.open();
    try {
      const acknowledge = async (names: readonly string[], until: number) => {
        await store.broker.publish(names.map((id) => message(id)));
        const held = await reserve(store, { limit: names.length });
        await store.broker.settle(
          "c1",
          held.map((one, at) => {
            // Every other one has expired long ago, or stays for long.
            const expiresAt = at % 2 === 0 ? 1_000 : until;
            const result = record(one.id, { expiresAt });
            return settlement(one, { kind: "ack" }, { result });
          }),
        );
      };
      const late = Date.now() + 60_000;
      const [large, small, next] = [600, 3, 40].map((count, batch) =>
        Array.from({ length: count }, (_, at) => `b${batch}-${at}`)
      ) as [string[], string[], string[]];
      for (const names of [large, small, next]) await acknowledge(names, late);
      const again = large.slice(1, 21);
      await acknowledge(again, late);
      const rest = [...large.filter((id) => !again.includes(id)), ...small];
      const all = [...rest, ...next, ...again];
      assertEquals(await listAll(store), all.toReversed());
      while (await store.results.expire(100) > 0);
      const odd = (names: string[]) => names.filter((_, at) => at % 2 === 1);
      const stay = [
        ...odd(large).filter((id) => !again.includes(id)),
        ...[small, next, again].flatMap(odd),
      ];
      assertEquals(await listAll(store), stay.toReversed());
      assertEquals(await store.results.countByState(), {
        SUCCESS: stay.length,
      });
      // What has stayed can be replaced all the same.
      await acknowledge(["b0-21"], late);
      assertEquals((await listAll(store)).filter((id) => id === "b0-21"), [
        "b0-21",
      ]);
    } finally {
      await store.close();
      await server.stop();
    }
  },
);

serverTest("records are found by ids that begin alike", async () => {
  const server = await startRedis();
  const store = redisStore({ url: server.url });
  await store.open();
  try {
    const names = ["0193aaaa", "0193aaaa-0000-7000-8000-000000000001"];
    await store.broker.publish(names.map((id) => message(id)));
    const held = await reserve(store, { limit: 2 });
    await store.broker.settle(
      "c1",
      held.map((one) =>
        settlement(one, { kind: "ack" }, { result: record(one.id) })
      ),
    );
    const found = await store.results.fetch(names);
    assertEquals(found.map((one) => one?.id), names);
  } finally {
    await store.close();
    await server.stop();
  }
});

/** The ids of all records, page by page, the latest first. */
async function listAll(
  store: Store,
  query: ResultFilter = {},
): Promise<readonly string[]> {
  const listed: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.results.query>> = await store
      .results.query(query, {
        limit: 100,
        ...(cursor === null ? {} : { cursor }),
      });
    listed.push(...ids(page.items));
    cursor = page.cursor;
  } while (cursor !== null);
  return listed;
}
