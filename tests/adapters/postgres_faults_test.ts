/**
 * Faults of server and network while work goes on: nothing is lost, nothing
 * is recorded twice, nothing hangs.
 */

import { assert, assertEquals } from "@std/assert";
import { Client } from "../../adapters/postgres/client.ts";
import { Listener } from "../../adapters/postgres/listen.ts";
import { clientOptions } from "../../adapters/postgres/options.ts";
import type { Delivery, Store } from "../../src/contracts/mod.ts";
import {
  consumer,
  eventually,
  ids,
  letWait,
  message,
  record,
  reserve,
  settlement,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { startProxy } from "./fixtures/postgres_proxy.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

/** Keeps calling until it succeeds, as the core does. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Publishes tasks and works them off while something goes wrong. */
async function workThrough(
  store: Store,
  count: number,
  trouble: () => Promise<void>,
): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => `m${at}`);
  const done = new Map<string, number>();
  await persistently(() => store.broker.heartbeat(consumer("c1")));
  const publishing = (async () => {
    for (let at = 0; at < count; at += 100) {
      const batch = all.slice(at, at + 100).map((id) => message(id));
      await persistently(() => store.broker.publish(batch));
    }
  })();
  const settle = async (held: readonly Delivery[]) => {
    const batch = held.map((one) =>
      settlement(one, { kind: "ack" }, { result: record(one.id) })
    );
    await persistently(() => store.broker.settle("c1", batch));
    for (const { id } of held) done.set(id, (done.get(id) ?? 0) + 1);
  };
  const working = (async () => {
    while (done.size < count) {
      // What a lost answer leased comes back with the heartbeat.
      await persistently(() => store.broker.heartbeat(consumer("c1")));
      const held = await persistently(() => reserve(store, { limit: 100 }));
      if (held.length > 0) await settle(held);
      else await letWait();
    }
  })();
  await trouble();
  await soonish(Promise.all([publishing, working]));
  const records = await store.results.fetch(all);
  assertEquals(records.filter((one) => one?.state !== "SUCCESS"), []);
  assertEquals(await store.results.countByState(), { SUCCESS: count });
  assertEquals(await store.inspector.queues(), []);
}

/** Fails after twenty seconds: something hangs. */
async function soonish<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("It hangs")), 20_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const TERMINATE = `select count(pg_terminate_backend(pid))
  from pg_stat_activity where application_name = 'lovage'`;

test("connections that are cut again and again", async ({ server, open }) => {
  const store = await open();
  await store.results.subscribe(() => {});
  await workThrough(store, 20_000, async () => {
    for (let n = 0; n < 20; n++) {
      await server.psql(TERMINATE);
      await sleep(100);
    }
  });
});

test("idle connections that are cut are not noticed", async ({ server, open }) => {
  const store = await open();
  for (let n = 0; n < 10; n++) {
    await Promise.all(
      [1, 2, 3, 4].map((at) => store.broker.publish([message(`${n} ${at}`)])),
    );
    await server.psql(TERMINATE);
  }
  assertEquals((await reserve(store)).length, 40);
});

test("a server that is restarted, and one that crashes", async ({ server, open }) => {
  const store = await open();
  await workThrough(store, 10_000, async () => {
    await sleep(200);
    await server.stop("fast");
    await sleep(300);
    await server.start();
    await sleep(300);
    Deno.kill(server.pid(), "SIGKILL");
    await sleep(300);
    await persistently(() => server.start());
  });
});

test("a reservation that nobody waits for any more is not tried again", async ({ server, open }) => {
  const store = await open({ retryFor: 60_000 });
  await server.stop("immediate");
  const control = new AbortController();
  const reserving = reserve(store, { signal: control.signal }).catch(() => []);
  await sleep(300);
  control.abort();
  await soon("its end", reserving).finally(() => server.start());
  assertEquals(await reserving, []);
});

test("a server that stands still for a while", async ({ server, open }) => {
  const store = await open();
  await workThrough(store, 3_000, async () => {
    await sleep(100);
    const pids = (await server.psql(
      "select pid from pg_stat_activity where application_name = 'lovage'",
    )).split("\n").map(Number).filter((pid) => pid > 0);
    const all = [...pids, server.pid()];
    for (const pid of all) tryKill(pid, "SIGSTOP");
    await sleep(2_000);
    for (const pid of all) tryKill(pid, "SIGCONT");
  });
});

test("a call to a server that stands still ends in time", async ({ server, open }) => {
  await open(); // The tables are made by one with more patience.
  const store = await open({ timeout: 300, retryFor: 100, max: 1 });
  const pids = (await server.psql(
    "select pid from pg_stat_activity where application_name = 'lovage'",
  )).split("\n").map(Number).filter((pid) => pid > 0);
  for (const pid of pids) tryKill(pid, "SIGSTOP");
  const start = performance.now();
  const error = await store.broker.publish([message("a")]).catch((e) => e);
  const took = performance.now() - start;
  for (const pid of pids) tryKill(pid, "SIGCONT");
  assert(/has not answered in time/.test(error.message), String(error));
  assert(took < 2_000, `It took ${took} ms`);
  await store.broker.publish([message("b")]);
});

test("a lease whose answer was lost comes back", async ({ server, open }) => {
  const proxy = startProxy(server.port);
  const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
  await open();
  const store = await open({ url, timeout: 400, retryFor: 50, max: 1 });
  await store.broker.publish([message("a"), message("b")]);
  await store.broker.heartbeat(consumer("c1"));
  // The statement arrives, its answer does not.
  proxy.holdAnswers(true);
  await reserve(store).catch(() => {});
  proxy.holdAnswers(false);
  proxy.cut();
  await eventually("both messages", async () => {
    await persistently(() => store.broker.heartbeat(consumer("c1")));
    const held = await reserve(store);
    return held.length === 2 && ids(held).join() === "a,b";
  });
  await store.close();
  await proxy.close();
});

test("a connection that has fallen silent is replaced", async ({ server }) => {
  const proxy = startProxy(server.port);
  const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
  const client = new Client(clientOptions({ url }));
  const listener = new Listener(client, { every: 100, timeout: 200 });
  let missed = 0;
  const heard: string[] = [];
  const { ready, end } = listener.listen("news", {
    heard: (payload) => heard.push(payload),
    missed: () => missed++,
  });
  await ready;
  assertEquals(missed, 1);
  // Neither closed nor answering: only the missing sign of life tells.
  proxy.freeze();
  await eventually("another connection", () => missed === 2);
  await server.psql("notify news, 'again'");
  await eventually("the news", () => heard.length > 0);
  assertEquals(heard, ["again"]);
  end();
  await proxy.close();
  await client.close();
  await listener.close();
});

test("a listening connection that is cut is replaced", async ({ server, open }) => {
  const proxy = startProxy(server.port);
  const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
  const store = await open({ url });
  const other = await open();
  let waiting = reserve(store, { wait: true });
  await sleep(100);
  await other.broker.publish([message("a")]);
  assertEquals(ids(await soon("the first", waiting)), ["a"]);
  // Cut: noticed at once, and looked again after it.
  waiting = reserve(store, { wait: true });
  await letWait();
  proxy.cut();
  await other.broker.publish([message("b")]);
  assertEquals(ids(await soon("the second", waiting)), ["b"]);
  // What was said meanwhile is lost: the message is found by looking.
  waiting = reserve(store, { wait: true });
  await sleep(100);
  proxy.holdAnswers(true);
  await other.broker.publish([message("c")]);
  await sleep(100);
  proxy.holdAnswers(false);
  proxy.cut();
  assertEquals(ids(await soon("the third", waiting)), ["c"]);
  await store.close();
  await proxy.close();
});

function tryKill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
