/**
 * Answers that get lost on the way: what was asked is asked again, and is
 * done once all the same.
 */

import { assertEquals, assertRejects } from "@std/assert";
import type { RedisStoreOptions } from "../../adapters/redis/mod.ts";
import type { Delivery, Store } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  consumer,
  deliver,
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { type Proxy, startProxy } from "./fixtures/redis_proxy.ts";
import { serverTest, withServer } from "./fixtures/redis_server.ts";

function withProxy(
  test: (store: Store, proxy: Proxy, other: Store) => Promise<void>,
  options: Partial<RedisStoreOptions> = {},
): Promise<void> {
  return withServer(async (server, open) => {
    const proxy = startProxy(server.port);
    const other = await open();
    const store = await open({
      url: `redis://127.0.0.1:${proxy.port}`,
      commandTimeout: 300,
      ...options,
    });
    try {
      await test(store, proxy, other);
    } finally {
      await store.close();
      proxy.close();
    }
  });
}

serverTest(
  "a publication whose answer was lost counts once",
  () =>
    withProxy(async (store, proxy) => {
      await store.broker.publish([message("live")]);
      void proxy.swallowNext();
      const batch = [message("a"), message("live"), message("b")];
      assertEquals(await store.broker.publish(batch), [true, false, true]);
      assertEquals(ids(await reserve(store)), ["live", "a", "b"]);
    }),
);

serverTest(
  "a publication whose answer was lost is not done again after its end",
  () =>
    withProxy(async (store, proxy, other) => {
      await store.broker.publish([message("loads the script")]);
      const ended = Promise.withResolvers<void>();
      const swallowed = proxy.swallowNext(ended.promise);
      const publishing = store.broker.publish([message("a"), message("b")]);
      await swallowed;
      const deliveries = await reserve(other);
      assertEquals(deliveries.length, 3);
      await other.broker.settle(
        "c1",
        deliveries.map((each) => settlement(each, { kind: "ack" })),
      );
      ended.resolve();
      assertEquals(await publishing, [true, true]);
      assertEquals(await reserve(other), []);
    }),
);

serverTest(
  "a pause whose answer was lost is not made again after its end",
  () =>
    withProxy(async (store, proxy, other) => {
      await store.broker.pause(["loads the script"], true);
      await store.broker.publish([message("a")]);
      const ended = Promise.withResolvers<void>();
      const swallowed = proxy.swallowNext(ended.promise);
      const pausing = store.broker.pause(["default"], true);
      await swallowed;
      assertEquals(await reserve(other), []);
      await other.broker.pause(["default"], false);
      ended.resolve();
      await pausing;
      assertEquals(ids(await reserve(other)), ["a"]);
    }),
);

serverTest(
  "what a reservation was given whose last answer was lost goes back",
  () =>
    withProxy(async (store, proxy, other) => {
      await store.broker.heartbeat(consumer("c1"));
      assertEquals(await reserve(store), []);
      await other.broker.publish([message("a")]);
      void proxy.swallowNext();
      await assertRejects(() => reserve(store), StoreError);
      const rest = () => reserve(other, { consumer: "c2" });
      assertEquals(await rest(), []);
      await store.broker.heartbeat(consumer("c1"));
      assertEquals(ids(await rest()), ["a"]);
    }, { patience: 0 }),
);

serverTest(
  "a settlement whose answer was lost held",
  () =>
    withProxy(async (store, proxy) => {
      const one = await deliver(store, "a");
      const stale = { ...one, id: "b" };
      void proxy.swallowNext();
      const rest = { result: record("a"), publish: [message("next")] };
      const held = await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, rest),
        settlement(stale),
      ]);
      assertEquals(held, [true, false]);
      assertEquals(ids(await reserve(store)), ["next"]);
      assertEquals(await store.results.countByState(), { SUCCESS: 1 });
    }),
);

serverTest(
  "groups begin once and ends count once, whatever answers were lost",
  () =>
    withProxy(async (store, proxy, other) => {
      const body = message("body", { queue: "bodies" });
      const group = { id: "g", size: 3, body, expiresAt: null };
      const settle = async (one: Delivery, index: number) => {
        const ends = [{ group: "g", index, failed: false }];
        await store.broker.settle("c1", [
          settlement(one, { kind: "ack" }, { ends }),
        ]);
        return ids(await reserve(other, { queues: ["bodies"] }));
      };
      await settle(await deliver(store, "loads the scripts"), 0);
      const members = [message("a"), message("b"), message("c")];
      void proxy.swallowNext();
      await store.broker.publish(members, { groups: [group] });
      const [a, b, c] = await reserve(store);
      if (!a || !b || !c) throw new Error("Expected three deliveries");
      void proxy.swallowNext();
      assertEquals(await settle(a, 0), []);
      void proxy.swallowNext();
      assertEquals(await settle(b, 1), []);
      void proxy.swallowNext();
      assertEquals(await settle(c, 2), ["body"]);
    }),
);

serverTest(
  "a reservation whose answer was lost is made again",
  () =>
    withProxy(async (store, proxy) => {
      await store.broker.publish([message("a"), message("b")]);
      void proxy.swallowNext();
      const found = await reserve(store);
      assertEquals(ids(found), ["a", "b"]);
      assertEquals(found.map(({ losses }) => losses), [0, 0]);
      const running = await store.inspector.tasks(
        { status: "running" },
        { limit: 10 },
      );
      assertEquals(ids(running.items), ["a", "b"]);
    }),
);

serverTest(
  "other calls whose answers were lost",
  () =>
    withProxy(async (store, proxy) => {
      await store.broker.publish([message("a"), message("b"), message("c")]);
      void proxy.swallowNext();
      const request = { id: "a", terminate: false, rememberUntil: 0 };
      assertEquals(await store.broker.cancel([request]), ["removed"]);
      void proxy.swallowNext();
      assertEquals(await store.broker.purge(["default"]), 2);
      const one = await deliver(store, "d");
      const dead = { kind: "dead", reason: "Error", detail: "it" } as const;
      await store.broker.settle("c1", [settlement(one, dead)]);
      void proxy.swallowNext();
      assertEquals(await store.deadLetters.redrive(null), 1);
    }),
);

serverTest(
  "connections that are dead without knowing it are replaced",
  () =>
    withProxy(async (store, proxy, other) => {
      const waiting = reserve(store, { wait: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
      proxy.freeze();
      await other.broker.publish([message("a")]);
      assertEquals(ids(await waiting), ["a"]);
    }),
);
