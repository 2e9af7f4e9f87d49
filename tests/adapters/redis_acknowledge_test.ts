/**
 * Acknowledgements of the usual kind: their records are counted and listed as
 * those of all others are.
 */

import { assertEquals } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
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
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.results.query>> =
          await store
            .results.query({ state: "SUCCESS" }, {
              limit: 100,
              ...(cursor === null ? {} : { cursor }),
            });
        listed.push(...ids(page.items));
        cursor = page.cursor;
      } while (cursor !== null);
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
