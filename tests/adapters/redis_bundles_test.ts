/**
 * Messages that arrive together lie in a bundle: whatever is done to them, to
 * those beside them and to what comes between bundles, is as if each lay in
 * the queue by itself, and nothing stays of a bundle.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { redisStore } from "../../adapters/redis/mod.ts";
import type { Message, Store } from "../../src/contracts/mod.ts";
import { uuid7 } from "../../src/message/ids.ts";
import {
  cancellation,
  ids,
  limited,
  message,
  ONE,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { searchedBriefly } from "../_properties.ts";
import {
  type RedisServer,
  serverTest,
  startRedis,
  withServer,
} from "./fixtures/redis_server.ts";

function many(count: number, changes: Partial<Message> = {}): Message[] {
  return Array.from(
    { length: count },
    () => message(uuid7(), { fresh: true, ...changes }),
  );
}

async function queued({ inspector }: Store): Promise<number> {
  const all = await inspector.queues();
  return all.reduce((sum, { queued }) => sum + queued, 0);
}

async function finish(store: Store): Promise<void> {
  for (;;) {
    const some = await reserve(store, { queues: ["default", "other"] });
    if (some.length === 0) return;
    await store.broker.settle("c1", some.map((one) => settlement(one)));
  }
}

async function assertNothingLeft(
  { cli }: RedisServer,
  prefix = "lovage:",
): Promise<void> {
  for (const kind of ["bundle*", "queue:*", "tasks"]) {
    assertEquals((await cli("keys", `${prefix}${kind}`)).trim(), "", kind);
  }
}

serverTest(
  "a bundle is one place in its queue, and counts for all",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const all = [...many(20), message("single"), ...many(30)];
      await store.broker.publish(all.slice(0, 20));
      await store.broker.publish(all.slice(20, 21));
      await store.broker.publish(all.slice(21));
      const places = await server.cli("zcard", "lovage:queue:default");
      assertEquals(places.trim(), "3");
      assertEquals(await queued(store), 51);
      const taken = [];
      for (const limit of [5, 15, 1, 7, 100]) {
        taken.push(...ids(await reserve(store, { limit })));
        assertEquals(await queued(store), 51 - taken.length);
      }
      assertEquals(taken, ids(all));
      await store.broker.leave("c1");
      assertEquals(await queued(store), 51);
      await finish(store);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "one that goes back has a place of its own, once",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const all = many(10);
      await store.broker.publish(all);
      const [first, second] = await reserve(store, { limit: 2 });
      if (!first || !second) throw new Error("Expected deliveries");
      await store.broker.settle("c1", [
        settlement(first, { kind: "release" }),
        settlement(second, {
          kind: "requeue",
          message: message(second.id, { body: "again" }),
        }),
      ]);
      assertEquals(await queued(store), 10);
      const outcomes = await store.broker.cancel([
        cancellation(first.id),
        cancellation(all[5]?.id ?? ""),
      ]);
      assertEquals(outcomes, ["removed", "removed"]);
      const rest = ids(all.slice(2)).filter((id) => id !== all[5]?.id);
      assertEquals(ids(await reserve(store)), [...rest, second.id]);
      await store.broker.leave("c1");
      await finish(store);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "one that was cancelled may be published again",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const all = many(8);
      const [first, ...others] = ids(all);
      await store.broker.publish(all);
      await store.broker.cancel([cancellation(first ?? "")]);
      await store.broker.publish([message(first ?? "")]);
      assertEquals(ids(await reserve(store)), [...others, first]);
      await store.broker.leave("c1");
      const every = ids(all).map((id) => cancellation(id));
      await store.broker.cancel(every);
      assertEquals(await queued(store), 0);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "a bundle whose messages are all cancelled is none",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const all = many(8);
      await store.broker.publish(all);
      await store.broker.cancel(ids(all).map((id) => cancellation(id)));
      await assertNothingLeft(server);
      assertEquals(await reserve(store), []);
    }),
);

serverTest(
  "what has limits is served between the bundles around it",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const [before, after] = [many(10), many(10)];
      await store.broker.publish(before);
      await store.broker.publish([limited("l1", ONE), limited("l2", ONE)]);
      await store.broker.publish(after);
      const taken = [];
      for (const limit of [4, 8, 50]) {
        taken.push(...ids(await reserve(store, { limit })));
      }
      assertEquals(taken, [...ids(before), "l1", ...ids(after)]);
      await store.broker.leave("c1");
      await finish(store);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "queues in turn give their shares of bundles",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await store.broker.publish(many(300));
      await store.broker.publish(many(20, { queue: "other" }));
      const some = await reserve(store, {
        queues: ["default", "other"],
        limit: 40,
      });
      const others = some.filter(({ queue }) => queue === "other");
      assertEquals([some.length, others.length], [40, 20]);
      await store.broker.leave("c1");
      assertEquals(await store.broker.purge(["default", "other"]), 320);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "a purge goes through bundles of any size",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      for (const count of [900, 900, 3, 900]) {
        await store.broker.publish(many(count));
      }
      assertEquals(await store.broker.purge(["default"]), 2703);
      assertEquals(await queued(store), 0);
      await assertNothingLeft(server);
    }),
);

serverTest(
  "a bundle whose list is gone is passed over",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await store.broker.publish(many(10));
      const [key = ""] = (await server.cli("keys", "lovage:bundle:*"))
        .split("\n");
      await server.cli("del", key);
      const rest = many(3);
      await store.broker.publish(rest);
      assertEquals(ids(await reserve(store)), ids(rest));
    }),
);

const operation = fc.oneof(
  fc.record({
    op: fc.constant("publish" as const),
    count: fc.integer({ min: 1, max: 20 }),
    priority: fc.constantFrom(3, 5),
    fresh: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  }),
  fc.record({
    op: fc.constant("reserve" as const),
    limit: fc.integer({ min: 1, max: 25 }),
    several: fc.boolean(),
  }),
  fc.record({
    op: fc.constant("cancel" as const),
    picks: fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 5 }),
  }),
);

interface Waiting {
  readonly id: string;
  readonly priority: number;
}

serverTest(
  "bundles keep the order of arrival, whatever leaves them",
  async () => {
    const server = await startRedis();
    let runs = 0;
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(operation, { minLength: 5, maxLength: 40, size: "max" }),
          searchedBriefly(async (operations) => {
            const prefix = `bundles${++runs}`;
            const store = redisStore({ url: server.url, prefix });
            await store.open();
            let waiting: Waiting[] = [];
            const drop = (gone: readonly string[]) => {
              waiting = waiting.filter(({ id }) => !gone.includes(id));
            };
            for (const one of operations) {
              if (one.op === "publish") {
                const { count, priority, fresh } = one;
                const batch = many(count, { priority, fresh });
                await store.broker.publish(batch);
                waiting.push(...batch);
              } else if (one.op === "reserve") {
                const queues = ["default", ...one.several ? ["other"] : []];
                const { limit } = one;
                const taken = await reserve(store, { queues, limit });
                const next = waiting.toSorted((a, b) =>
                  a.priority - b.priority
                );
                assertEquals(ids(taken), ids(next.slice(0, limit)));
                drop(ids(taken));
              } else {
                const chosen = waiting.filter((_, at) =>
                  one.picks.includes(at)
                );
                const outcomes = await store.broker.cancel(
                  chosen.map(({ id }) => cancellation(id)),
                );
                assertEquals(new Set(outcomes).has("unknown"), false);
                drop(ids(chosen));
              }
              assertEquals(await queued(store), waiting.length);
              assertEquals(await listed(store), ids(waiting));
            }
            drop(ids(await reserve(store, { limit: 1_000 })));
            assertEquals(waiting, []);
            await store.broker.leave("c1");
            await store.broker.purge(["default"]);
            await assertNothingLeft(server, `${prefix}:`);
            await store.close();
          }),
        ),
        { numRuns: Number(Deno.env.get("FC_RUNS") ?? 50) },
      );
    } finally {
      await server.stop();
    }
  },
);

/** All that waits, page by page. */
async function listed({ inspector }: Store): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof inspector.tasks>> = await inspector
      .tasks({ status: "queued" }, {
        limit: 7,
        ...(cursor === null ? {} : { cursor }),
      });
    found.push(...ids(page.items));
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}
