/**
 * What goes wrong with a server and the way to it: nothing is lost, nothing
 * is done twice, and what waits goes on.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  eventually,
  ids,
  message,
  record,
  reserve,
  settlement,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import {
  type RedisServer,
  serverTest,
  withServer,
} from "./fixtures/redis_server.ts";

const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

/** Publishes and works while something happens; counts what came to be. */
async function workDuring(
  store: Store,
  total: number,
  happen: (until: () => boolean) => Promise<void>,
): Promise<{ readonly runs: Map<string, number>; readonly added: number }> {
  const { broker } = store;
  const runs = new Map<string, number>();
  const info = { id: "w", name: "w", lease: 60_000, details: {} };
  const control = new AbortController();
  let added = 0;
  const beating = setInterval(() => {
    broker.heartbeat(info).catch(() => {});
  }, 200);
  const publishing = (async () => {
    for (let at = 0; at < total; at += 20) {
      const batch = Array.from({ length: 20 }, (_, n) => message(`m${at + n}`));
      added += (await broker.publish(batch)).filter((one) => one).length;
    }
  })();
  const working = (async () => {
    while (runs.size < total && !control.signal.aborted) {
      const deliveries = await broker.reserve({
        ...{ consumer: "w", queues: ["default"], limit: 50, wait: true },
        signal: control.signal,
      });
      const held = await broker.settle(
        "w",
        deliveries.map((one) =>
          settlement(one, { kind: "ack" }, { result: record(one.id) })
        ),
      );
      deliveries.forEach(({ id }, at) => {
        if (held[at]) runs.set(id, (runs.get(id) ?? 0) + 1);
      });
    }
  })();
  await Promise.all([
    happen(() => runs.size >= total),
    publishing,
    eventually("all tasks to end", () => runs.size >= total),
  ]).finally(() => control.abort());
  await working;
  clearInterval(beating);
  return { runs, added };
}

async function assertAllOnce(
  store: Store,
  total: number,
  { runs, added }: Awaited<ReturnType<typeof workDuring>>,
): Promise<void> {
  assertEquals(added, total, "each was added once");
  assertEquals([...runs.values()].every((count) => count === 1), true);
  assertEquals(await store.results.countByState(), { SUCCESS: total });
  assertEquals(await store.inspector.queues(), [], "nothing is left");
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function killClients(server: RedisServer): Promise<void> {
  await server.cli("client", "kill", "type", "normal", "skipme", "yes");
  await server.cli("client", "kill", "type", "pubsub");
}

serverTest(
  "cut connections lose nothing and double nothing",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const outcome = await workDuring(store, 4_000, async (done) => {
        for (let n = 0; n < 20 && !done(); n++) {
          await pause(10);
          await killClients(server);
        }
      });
      await assertAllOnce(store, 4_000, outcome);
    }),
);

serverTest(
  "forgotten scripts are loaded again",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const outcome = await workDuring(store, 2_000, async (done) => {
        while (!done()) await server.cli("script", "flush");
      });
      await assertAllOnce(store, 2_000, outcome);
    }),
);

serverTest(
  "a server that is killed and started again lost nothing",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const outcome = await workDuring(store, 2_000, async () => {
        for (let n = 0; n < 2; n++) {
          await pause(50);
          await server.kill();
          await server.start();
        }
      });
      await assertAllOnce(store, 2_000, outcome);
    }, DURABLE),
);

serverTest(
  "a server that is paused is waited for, calls are cut short",
  () =>
    withServer(async (server, open) => {
      const store = await open({ commandTimeout: 300, patience: 10_000 });
      const outcome = await workDuring(store, 2_000, async () => {
        await pause(30);
        server.signal("SIGSTOP");
        await pause(1_500);
        server.signal("SIGCONT");
      });
      await assertAllOnce(store, 2_000, outcome);
    }),
);

serverTest(
  "what a lost reservation took goes back with the next beat",
  () =>
    withServer(async (server, open) => {
      const store = await open({ commandTimeout: 200, patience: 600 });
      const info = { id: "c1", name: "c1", lease: 60_000, details: {} };
      await store.broker.heartbeat(info);
      await store.broker.publish([message("a"), message("b")]);
      server.signal("SIGSTOP");
      const error = await assertRejects(() => reserve(store), StoreError);
      assert(/does not answer/.test(error.message), error.message);
      server.signal("SIGCONT");
      // The server carries out now what it read before.
      await eventually("the answer of the server", async () => {
        await store.broker.heartbeat(info);
        const { items } = await store.inspector.tasks(
          { status: "running" },
          { limit: 10 },
        );
        return items.length === 0;
      });
      assertEquals(ids(await reserve(store)), ["a", "b"]);
    }),
);

serverTest(
  "an idle worker is woken over a restart of the server",
  () =>
    withServer(async (server, open) => {
      const [idle, other] = [await open(), await open()];
      const waiting = reserve(idle, { consumer: "idle", wait: true });
      const told: unknown[] = [];
      await idle.results.subscribe((which) => told.push(which));
      await pause(50);
      await server.kill();
      await server.start();
      await other.broker.publish([message("a")]);
      assertEquals(ids(await waiting), ["a"]);
      await other.results.store([record("b")]);
      await eventually(
        "the end of b",
        () =>
          told.some((which) => which === "unknown" || which instanceof Array),
      );
    }),
);

serverTest(
  "who waited for a queue that nobody serves any more is forgotten",
  () =>
    withServer(async (server, open) => {
      const [store, other] = [await open(), await open()];
      await other.broker.pause(["paused"], true);
      const control = new AbortController();
      const waiting = reserve(store, {
        ...{ wait: true, signal: control.signal },
        queues: ["default", "paused"],
      });
      for (const key of ["lovage:idle:default", "lovage:halted:paused"]) {
        const isNoted = async () =>
          Number(await server.cli("pttl", key)) !== -2;
        await eventually("the wait", isNoted);
        const left = Number(await server.cli("pttl", key));
        assert(left > 0 && left <= 600_000, `${key} expires in ${left} ms`);
      }
      control.abort();
      assertEquals(await soon("the end of the wait", waiting), []);
    }),
);

serverTest(
  "an idle worker asks for little",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const control = new AbortController();
      const waiting = reserve(store, { wait: true, signal: control.signal });
      await pause(100);
      await server.cli("config", "resetstat");
      await pause(2_000);
      const stats = await server.cli("info", "commandstats");
      const calls = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
        .filter(([, name]) => !/^(config|info|ping)/.test(name ?? ""))
        .reduce((sum, [, , count]) => sum + Number(count), 0);
      assert(calls <= 4, `it made ${calls} commands in two seconds: ${stats}`);
      control.abort();
      assertEquals(await soon("the end of the wait", waiting), []);
    }),
);

serverTest(
  "of many idle workers a message wakes one",
  () =>
    withServer(async (server, open) => {
      const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
      const control = new AbortController();
      let served = 0;
      const waits = stores.map(async (store, at) => {
        const consumer = `c${at}`;
        while (!control.signal.aborted) {
          const found = await reserve(store, {
            ...{ consumer, wait: true, signal: control.signal, limit: 1 },
          });
          served += found.length;
        }
      });
      await pause(100);
      const publisher = await open();
      await server.cli("config", "resetstat");
      const count = 20;
      for (let n = 0; n < count; n++) {
        await publisher.broker.publish([message(`m${n}`)]);
        await eventually("it to be served", () => served === n + 1);
      }
      // A reservation, and one that finds nothing and waits again, per message.
      const stats = await server.cli("info", "commandstats");
      const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);
      assert(calls <= count * 5, `${calls} scripts for ${count} messages`);
      control.abort();
      await Promise.all(waits);
    }),
);

serverTest(
  "closing ends a subscription that has only begun",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      // To wait for work it begins to listen.
      const waiting = reserve(store, { wait: true });
      await store.close();
      // Whatever were left of it would be a leak of this test.
      assertEquals(await waiting, []);
    }),
);

serverTest(
  "a reservation that nobody waits for any more is not tried again",
  () =>
    withServer(async (server, open) => {
      const store = await open({ patience: 60_000 });
      await server.kill();
      const control = new AbortController();
      const { signal } = control;
      const reserving = [false, true].map((wait) =>
        reserve(store, { wait, signal })
      );
      await pause(300);
      control.abort();
      // Who subscribes to be woken would wait for five seconds.
      const told = performance.now();
      assertEquals(await soon("their end", Promise.all(reserving)), [[], []]);
      assert(performance.now() - told < 2_000, "it was waited for");
    }),
);
