/**
 * What is particular to the scheduler in Redis: answers that get lost, the
 * server's time, restarts, and how much one call asks of the server.
 */

import { assert, assertEquals } from "@std/assert";
import type {
  Candidate,
  Firing,
  Message,
  Scheduler,
  Store,
} from "../../src/contracts/mod.ts";
import {
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { type Proxy, startProxy } from "./fixtures/redis_proxy.ts";
import {
  type RedisServer,
  serverTest,
  withServer,
} from "./fixtures/redis_server.ts";

const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];
const DUE = 5_000;

function candidate(id: string, lease = 10_000): Candidate {
  return { id, name: `${id}@tests`, lease };
}

/** Writes entries, and returns the firing of each with one message. */
async function due(
  scheduler: Scheduler,
  names: readonly string[],
  messageOf: (name: string) => Message = message,
): Promise<Firing[]> {
  const revisions = await scheduler.put(
    names.map((name) => ({ name, body: name, dueAt: DUE })),
  );
  return names.map((name, at) => ({
    ...{ name, dueAt: DUE, nextAt: DUE + 1_000, state: "fired" },
    revision: revisions[at] ?? 0,
    messages: [messageOf(name)],
  }));
}

async function dueTimes(
  { scheduler }: Store,
  names: readonly string[],
): Promise<(number | null | undefined)[]> {
  return (await scheduler.fetch(names)).map((one) => one?.dueAt);
}

function withProxy(
  test: (store: Store, proxy: Proxy, other: Store) => Promise<void>,
): Promise<void> {
  return withServer(async (server, open) => {
    const proxy = startProxy(server.port);
    const other = await open();
    const url = `redis://127.0.0.1:${proxy.port}`;
    const store = await open({ url, commandTimeout: 300 });
    try {
      await test(store, proxy, other);
    } finally {
      await store.close();
      proxy.close();
    }
  });
}

serverTest(
  "entries whose answers were lost are written and removed once",
  () =>
    withProxy(async ({ scheduler }, proxy) => {
      await scheduler.put([{ name: "loads the script", body: "", dueAt: 1 }]);
      void proxy.swallowNext();
      const put = [
        { name: "a", body: "1", dueAt: 1, expected: null },
        { name: "b", body: "1", dueAt: 1, expected: 7 },
      ];
      assertEquals(await scheduler.put(put), [2, null]);
      await scheduler.remove(["loads the script"]);
      void proxy.swallowNext();
      assertEquals(await scheduler.remove(["a", "b"]), [true, false]);
      assertEquals((await scheduler.leader()).revision, 4);
    }),
);

serverTest(
  "a firing whose answer was lost counts once, also after its task ended",
  () =>
    withProxy(async (store, proxy, other) => {
      const [first, a, b] = await due(store.scheduler, ["first", "a", "b"]);
      if (!first || !a || !b) throw new Error("Expected three firings");
      await store.scheduler.fire([first]);
      const late = { ...b, revision: b.revision + 1 };
      const ended = Promise.withResolvers<void>();
      const swallowed = proxy.swallowNext(ended.promise);
      const firing = store.scheduler.fire([a, late]);
      await swallowed;
      const deliveries = await reserve(other);
      assertEquals(ids(deliveries), ["first", "a"]);
      await other.broker.settle("c1", deliveries.map((one) => settlement(one)));
      ended.resolve();
      assertEquals(await firing, [true, false]);
      assertEquals(await reserve(other), []);
      assertEquals(await dueTimes(other, ["a", "b"]), [DUE + 1_000, DUE]);
    }),
);

serverTest(
  "a lead whose answer was lost is led",
  () =>
    withProxy(async ({ scheduler }, proxy, other) => {
      await scheduler.lead(candidate("a"));
      await scheduler.resign("a");
      void proxy.swallowNext();
      assertEquals((await scheduler.lead(candidate("a"))).id, "a");
      const refused = await other.scheduler.lead(candidate("b"));
      assertEquals(refused.id, "a");
      void proxy.swallowNext();
      await scheduler.resign("a");
      assertEquals((await other.scheduler.leader()).id, null);
    }),
);

async function serverTime({ cli }: RedisServer): Promise<number> {
  const [seconds, micros] = (await cli("time")).split("\n").map(Number);
  return (seconds ?? 0) * 1_000 + Math.floor((micros ?? 0) / 1_000);
}

serverTest(
  "without a clock of its own a store goes by the time of the server",
  () =>
    withServer(async (server, open) => {
      const { scheduler } = await open();
      const { now: read } = Date;
      const start = await serverTime(server);
      let leadership;
      try {
        Date.now = () => read() - 86_400_000;
        leadership = await scheduler.lead(candidate("a"));
      } finally {
        Date.now = read;
      }
      const end = await serverTime(server);
      const { now, until } = leadership;
      assert(start <= now && now <= end, `${now}, not ${start} to ${end}`);
      assertEquals(until - now, 10_000);
    }),
);

serverTest(
  "a clock that was set back ends the lease, one that differs a little not",
  () =>
    withServer(async (_, open) => {
      const at = (now: number) => open({ clock: new FakeClock(now) });
      const [late, little, early] = [
        await at(100_000),
        await at(99_000),
        await at(98_999),
      ];
      await late.scheduler.lead(candidate("a"));
      assertEquals((await little.scheduler.lead(candidate("b"))).id, "a");
      const nobody = await early.scheduler.leader();
      assertEquals([nobody.id, nobody.name, nobody.until], [null, "", 0]);
      const { id, until } = await early.scheduler.lead(candidate("b"));
      assertEquals([id, until], ["b", 108_999]);
    }),
);

serverTest(
  "a restart of the server keeps entries, revision and lease",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      const firings = await due(store.scheduler, ["a", "b"]);
      await store.scheduler.remove(["b"]);
      const before = await store.scheduler.lead(candidate("a", 600_000));
      await server.kill();
      await server.start();
      const after = await store.scheduler.leader();
      assertEquals({ ...after, now: 0 }, { ...before, now: 0 });
      assertEquals(await store.scheduler.fire(firings), [true, false]);
      assertEquals(ids(await reserve(store)), ["a"]);
      await store.scheduler.remove(["a"]);
      await server.kill();
      await server.start();
      const again = { name: "a", body: "", dueAt: null };
      assertEquals(await store.scheduler.put([again]), [4]);
    }, DURABLE),
);

serverTest(
  "a batch is carried out in its order",
  () =>
    withServer(async (_, open) => {
      const store = await open();
      const { scheduler } = store;
      const answer = await scheduler.put([
        { name: "a", body: "1", dueAt: 1 },
        { name: "a", body: "2", dueAt: 2, expected: null },
        { name: "a", body: "3", dueAt: 3, expected: 1 },
      ]);
      assertEquals(answer, [1, null, 1]);
      const firing = { name: "a", revision: 1, state: "" };
      const fired = await scheduler.fire([
        { ...firing, dueAt: 3, nextAt: 4, messages: [message("x")] },
        { ...firing, dueAt: 3, nextAt: 5, messages: [message("y")] },
        { ...firing, dueAt: 4, nextAt: 6, messages: [message("z")] },
      ]);
      assertEquals(fired, [true, false, true]);
      assertEquals(await dueTimes(store, ["a"]), [6]);
      assertEquals(ids(await reserve(store)), ["x", "z"]);
      const removed = await scheduler.remove(["a", "a"]);
      assertEquals(removed, [true, false]);
    }),
);

serverTest(
  "messages of one id are published once, and not for want of the first",
  () =>
    withServer(async (_, open) => {
      const store = await open();
      const [a, b] = await due(store.scheduler, ["a", "b"]);
      if (!a || !b) throw new Error("Expected two firings");
      const same = [message("same", { queue: "x" }), message("same")];
      const fired = await store.scheduler.fire([
        { ...a, revision: 99, messages: same },
        { ...b, messages: same },
      ]);
      assertEquals(fired, [false, true]);
      const queues = ["default", "x"];
      const found = await reserve(store, { queues });
      assertEquals(found.map(({ id, queue }) => [id, queue]), [["same", "x"]]);
    }),
);

serverTest(
  "the record of an ended task of the same id is dropped",
  () =>
    withServer(async (_, open) => {
      const store = await open();
      await store.results.store([record("a")]);
      const firings = await due(store.scheduler, ["a"]);
      await store.scheduler.fire(firings);
      assertEquals(await store.results.fetch(["a"]), [undefined]);
      assertEquals(await store.results.countByState(), {});
    }),
);

/** What a call makes the server do, by command. */
async function commandsOf(
  { cli }: RedisServer,
  call: () => Promise<unknown>,
): Promise<Map<string, number>> {
  await cli("config", "resetstat");
  await call();
  const stats = await cli("info", "commandstats");
  return new Map(
    [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)]
      .map(([, name = "", calls]) => [name, Number(calls)]),
  );
}

serverTest(
  "a thousand firings are two scripts of few commands",
  () =>
    withServer(async (server, open) => {
      const { scheduler } = await open();
      await scheduler.fire(await due(scheduler, ["loads the script"]));
      const names = Array.from({ length: 1_000 }, (_, at) => `e${at}`);
      const firings = await due(scheduler, names);
      const commands = await commandsOf(server, () => scheduler.fire(firings));
      assertEquals(commands.get("evalsha"), 2);
      commands.delete("config|resetstat");
      const total = [...commands.values()].reduce((sum, one) => sum + one, 0);
      assert(total < 40, JSON.stringify([...commands]));
    }),
);

serverTest(
  "ten thousand entries are written and removed by one script each",
  () =>
    withServer(async (server, open) => {
      const { scheduler } = await open();
      await due(scheduler, ["loads the script"]);
      await scheduler.remove(["loads the script"]);
      const names = Array.from({ length: 10_000 }, (_, at) => `e${at}`);
      let revisions: readonly (number | null)[] = [];
      const put = await commandsOf(server, async () => {
        revisions = await scheduler.put(
          names.map((name, at) => ({ name, body: `${at}`, dueAt: at })),
        );
      });
      assertEquals(put.get("evalsha"), 1);
      assertEquals(new Set(revisions), new Set([3]));
      const found = await scheduler.fetch(names.toReversed());
      assertEquals(found.map((one) => Number(one?.body)).at(-1), 0);
      assert(found.every((one, at) => one?.dueAt === 9_999 - at));
      const remove = await commandsOf(server, () => scheduler.remove(names));
      assertEquals(remove.get("evalsha"), 1);
      const { revision } = await scheduler.leader();
      assertEquals(revision, 4);
      const left = await server.cli("keys", "lovage:beat-*");
      assertEquals(left, "lovage:beat-revision");
    }),
);

serverTest(
  "names may look like anything, and keep their order",
  () =>
    withServer(async (_, open) => {
      const { scheduler } = await open();
      const names = [
        ..."\t|a\nb|a b|(|(a|+|-|[|[a|\\|\\n|{x}|é|\uffee|\u{1F33F}".split("|"),
        "a|b",
        "x".repeat(255),
      ];
      await scheduler.put(names.map((name) => ({ name, body: "", dueAt: 1 })));
      const bytes = (name: string) => new TextEncoder().encode(name).toHex();
      const sorted = names.toSorted((a, b) => bytes(a) < bytes(b) ? -1 : 1);
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page = await scheduler.list(after, 1);
        found.push(...page.records.map(({ name }) => name));
        after = page.next;
      } while (after !== null);
      assertEquals(found, sorted);
      const removed = await scheduler.remove(names);
      assertEquals(removed.every(Boolean), true);
    }),
);

serverTest(
  "entries that were spoilt by hand are never due, and can be mended",
  () =>
    withServer(async (server, open) => {
      const { scheduler } = await open();
      await server.cli("hset", "lovage:beat-marks", "a", "1 soon", "b", "");
      await server.cli("zadd", "lovage:beat-names", "0", "a", "0", "nothing");
      await server.cli("hset", "lovage:beat-leader", "id", "x", "lease", "?");
      const spoilt = { name: "a", body: "", dueAt: null, state: "" };
      const page = { records: [{ ...spoilt, revision: 0 }], next: null };
      assertEquals(await scheduler.list(null, 10), page);
      const firing = { ...spoilt, revision: 1, dueAt: 1, nextAt: 2 };
      assertEquals(await scheduler.fire([{ ...firing, messages: [] }]), [
        false,
      ]);
      assertEquals((await scheduler.lead(candidate("a"))).id, "a");
      const mended = { name: "b", body: "b", dueAt: 1 };
      assertEquals(
        await scheduler.put([{ ...mended, expected: null }, mended]),
        [null, 1],
      );
      assertEquals(await scheduler.remove(["a", "b"]), [true, true]);
    }),
);
