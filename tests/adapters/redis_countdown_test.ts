/**
 * Groups in batches of settlements: what is counted by runs, and what of it
 * held.
 */

import { assertEquals } from "@std/assert";
import type {
  Delivery,
  GroupEnd,
  Settlement,
  Store,
} from "../../src/contracts/mod.ts";
import {
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { serverTest, withServer } from "./fixtures/redis_server.ts";

function plan(id: string, size: number) {
  const body = message(`${id} body`, { queue: "bodies" });
  return { id, size, body, expiresAt: null };
}

function end(group: string, index: number, failed = false): GroupEnd {
  return { group, index, failed };
}

/** The members of two groups, in turn: those of `a` first. */
async function openBoth(store: Store, size: number) {
  const members = Array.from(
    { length: 2 * size },
    (_, at) => message(`${at % 2 === 0 ? "a" : "b"}${Math.floor(at / 2)}`),
  );
  const groups = [plan("a", size), plan("b", size)];
  await store.broker.publish(members, { groups });
  return await reserve(store, { limit: 2 * size });
}

function ended(one: Delivery, failed = false): Settlement {
  const index = Number(one.id.slice(1));
  return settlement(one, { kind: "ack" }, {
    result: record(one.id),
    ends: [end(one.id.slice(0, 1), index, failed)],
  });
}

function stale(one: Settlement): Settlement {
  return { ...one, token: one.token + 1 };
}

async function bodies(store: Store): Promise<string[]> {
  return ids(await reserve(store, { queues: ["bodies"] })).sort();
}

serverTest(
  "groups in turn, some stale, some failed",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const left = () => server.cli("hmget", "lovage:groups", "a", "b");
      const all = (await openBoth(store, 50)).map((one) => ended(one));
      const some = all.slice(0, 90)
        .map((one, at) => at % 10 === 4 ? stale(one) : one);
      const held = await store.broker.settle("c1", some);
      assertEquals(held.filter((one) => !one).length, 9);
      assertEquals(await left(), "14\n5");
      const rest = all.filter((_, at) => at >= 90 || at % 10 === 4);
      const slow = rest.map((one) => (
        // A record of another id makes the step one that looks at each.
        { ...one, result: record(`${one.id} too`) }
      ));
      await store.broker.settle("c1", slow.slice(1).map(stale));
      assertEquals(await left(), "14\n5");
      await store.broker.settle("c1", slow.slice(1));
      assertEquals(await bodies(store), ["b body"]);
      assertEquals(await left(), "1");
      await store.broker.settle("c1", slow.slice(0, 1));
      assertEquals(await bodies(store), ["a body"]);
      const keys = await server.cli("keys", "lovage:group*");
      assertEquals(keys, "");
    }),
);

serverTest(
  "a failure that is stale is none",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      const [a, b, c] = await openBoth(store, 2);
      if (!a || !b || !c) throw new Error("Expected four deliveries");
      await store.broker.settle("c1", [stale(ended(a, true)), ended(b)]);
      assertEquals(await bodies(store), []);
      await store.broker.settle("c1", [ended(c), ended(a, true)]);
      assertEquals(await bodies(store), ["a body"]);
    }),
);

serverTest(
  "an end before the beginning of its group is nothing",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      await store.broker.publish([message("first"), message("second")]);
      const [first, second] = await reserve(store);
      if (!first || !second) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [
        settlement(first, { kind: "ack" }, { ends: [end("g", 0)] }),
        settlement(second, { kind: "ack" }, { groups: [plan("g", 1)] }),
      ]);
      assertEquals(await bodies(store), []);
    }),
);

serverTest(
  "who waits is woken by a body, and by what is kept",
  () =>
    withServer(async (_server, open) => {
      const [store, other] = [await open(), await open()];
      await store.broker.publish([message("m")], { groups: [plan("g", 1)] });
      const one = await reserveOne(store);
      const waiting = reserve(other, { queues: ["bodies"], wait: true });
      await store.broker.settle("c1", [
        settlement(one, { kind: "ack" }, { ends: [end("g", 0)] }),
      ]);
      assertEquals(ids(await waiting), ["g body"]);
      const eta = Date.now() + 60_000;
      await store.broker.publish([message("later", { eta })]);
      const again = reserve(other, { wait: true });
      await store.broker.cancel([
        { id: "later", terminate: false, rememberUntil: 0, keep: true },
      ]);
      const [kept] = await again;
      assertEquals([kept?.id, kept?.cancelled], ["later", true]);
    }),
);
