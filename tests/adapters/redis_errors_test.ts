/**
 * What goes wrong with a server is said in one sentence that says what to do.
 */

import { freePort } from "./fixtures/free_port.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Redis } from "ioredis";
import {
  redisStore,
  type RedisStoreOptions,
} from "../../adapters/redis/mod.ts";
import { explain, SilenceError } from "../../adapters/redis/errors.ts";
import { StoreError } from "../../src/errors.ts";
import {
  consumer,
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { serverTest, startRedis, withServer } from "./fixtures/redis_server.ts";

async function openError(options: RedisStoreOptions): Promise<string> {
  const store = redisStore({ patience: 300, ...options });
  const error = await assertRejects(() => store.open(), StoreError);
  // What could not be opened can still be closed.
  await store.close();
  assert(!/\n| at /.test(error.message), error.message);
  return error.message;
}

Deno.test("a URL that cannot be one is refused when the store is made", () => {
  const cases: [string, string][] = [
    ["http://127.0.0.1", "is not the URL of a Redis store"],
    ["redis://host:port/0", "is not a host and port"],
    ["redis://host:70000", "from 1 to 65535"],
    ["redis://host/first", "is a number from 0"],
    ["redis://host/0?timeout=3", '"timeout" is no parameter'],
    ["redis+sentinel://host:26379", "does not name the master"],
    ["redis+cluster://host:7000?db=1", "has one database"],
    ["redis://host/0?prefix={a}", "The prefix"],
  ];
  for (const [url, part] of cases) {
    assertThrows(() => redisStore({ url }), StoreError, part);
  }
  const client = { options: {}, duplicate: () => ({}) };
  const both = () => redisStore({ url: "redis://host", client });
  assertThrows(both, StoreError, "not both");
});

Deno.test("what is away is named as what it is", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const said = (error: Error, address: string) =>
    explain(error, address).message;
  assertMatch(
    said(refused, "redis+sentinel://127.0.0.1:26379/main"),
    /^The master that the sentinels of .* wait for the failover to end/,
  );
  assertMatch(said(refused, "redis://127.0.0.1:6379"), /start the server/);
  const silent = new SilenceError("5 s");
  assertMatch(
    said(silent, "redis+cluster://127.0.0.1:7000"),
    /does not answer: look whether all slots are served/,
  );
  assertMatch(said(silent, "redis://127.0.0.1:6379"), /whether the server is/);
});

Deno.test("addresses hide what is secret", () => {
  const cases: [string, string][] = [
    ["redis://:secret@host:1/2", "redis://:***@host:1/2"],
    ["rediss://me:secret@host", "rediss://me:***@host"],
    [
      "redis+sentinel://me:secret@a:1,b:2/name?sentinelPassword=secret",
      "redis+sentinel://me:***@a:1,b:2/name?sentinelPassword=***",
    ],
  ];
  for (const [url, address] of cases) {
    assertEquals(redisStore({ url }).address, address);
  }
});

serverTest("a host where nobody listens", async () => {
  const url = `redis://127.0.0.1:${freePort()}`;
  const sentence = await openError({ url });
  assertStringIncludes(sentence, "cannot be reached (ECONNREFUSED)");
  assertStringIncludes(sentence, "start the server or correct");
  const unknown = await openError({ url: "redis://no-such-host.invalid" });
  assertStringIncludes(unknown, "cannot be reached (E");
});

serverTest("a password that is wrong, missing or not wanted", async () => {
  const server = await startRedis(["--requirepass", "right"], ["-a", "right"]);
  try {
    const at = (user: string) => ({
      url: `redis://${user}127.0.0.1:${server.port}`,
    });
    const refused = "refuses the user name or the password";
    assertStringIncludes(await openError(at(":wrong@")), refused);
    assertStringIncludes(await openError(at("nobody:right@")), refused);
    assertStringIncludes(await openError(at("")), "wants a password");
    const store = redisStore(at(":right@"));
    await store.open();
    assertEquals(await store.broker.publish([message("a")]), [true]);
    await store.close();
  } finally {
    await server.stop();
  }
});

serverTest(
  "a master whose replicas are away",
  () =>
    withServer(async (_server, open) => {
      const store = await open({ patience: 100 });
      const error = await assertRejects(
        () => store.broker.publish([message("a")]),
        StoreError,
        "has fewer replicas in reach than its `min-replicas-to-write` asks for",
      );
      assertEquals(error.transient, true);
    }, ["--min-replicas-to-write", "1"]),
);

serverTest("a user with few rights", () =>
  withServer(async (server, open) => {
    const grant = (...rules: string[]) =>
      server.cli("acl", "setuser", "me", "reset", "on", ">pw", ...rules);
    const url = `redis://me:pw@127.0.0.1:${server.port}`;
    await grant("~lovage:*", "&lovage:*", "+@all", "-@admin", "-@dangerous");
    const store = await open({ url });
    await store.broker.publish([message("a")]);
    assertEquals(ids(await reserve(store)), ["a"]);
    await grant("~other:*", "&lovage:*", "+@all");
    const keys = await assertRejects(
      () => store.broker.publish([message("b")]),
      StoreError,
    );
    assertStringIncludes(keys.message, '): grant it "~lovage:*"');
    await grant("~lovage:*", "&lovage:*", "+@all", "-@scripting");
    const scripts = await assertRejects(
      () => store.broker.publish([message("b")]),
      StoreError,
    );
    assertStringIncludes(scripts.message, "evalsha");
  }));

serverTest(
  "a database that does not exist",
  () =>
    withServer(async (server) => {
      const url = `redis://127.0.0.1:${server.port}/99`;
      assertStringIncludes(
        await openError({ url }),
        "no database of this number",
      );
    }),
);

serverTest(
  "databases and prefixes keep stores apart",
  () =>
    withServer(async (server, open) => {
      const one = await open();
      await one.broker.publish([message("a")]);
      const two = await open({ url: `redis://127.0.0.1:${server.port}/3` });
      const three = await open({ prefix: "three" });
      assertEquals(await two.inspector.queues(), []);
      assertEquals(await three.inspector.queues(), []);
      assertEquals(ids(await reserve(one)), ["a"]);
    }),
);

serverTest("a server that is full", () =>
  withServer(async (server, open) => {
    const store = await open({ patience: 300 });
    await store.broker.publish([message("a")]);
    await server.cli("config", "set", "maxmemory", "1");
    const error = await assertRejects(
      () => store.broker.publish([message("b"), message("c")]),
      StoreError,
    );
    assertStringIncludes(error.message, "is full: nothing of the last call");
    const [warning = ""] = (await open()).warnings;
    assertMatch(
      warning,
      /is full, .* now: raise `maxmemory` \(it holds .* MB\)/,
    );
    await server.cli("config", "set", "maxmemory", "0");
    assertEquals(ids(await reserve(store)), ["a"]);
  }));

serverTest(
  "what a server that is full has taken comes to its end",
  () =>
    withServer(async (server, open) => {
      const store = await open({ patience: 300 });
      const names = ["a", "b", "c", "d"];
      await store.broker.publish(names.map((name) => message(name)));
      await store.broker.heartbeat(consumer("w"));
      const [first] = await reserve(store, { limit: 1, consumer: "w" });
      await server.cli("config", "set", "maxmemory", "1");
      assertEquals((await store.broker.heartbeat(consumer("w"))).known, true);
      const rest = await reserve(store, { limit: 2, consumer: "w" });
      const held = [first, ...rest].filter((one) => one !== undefined);
      const settled = await store.broker.settle(
        "w",
        held.slice(0, 2).map((one) => settlement(one, { kind: "ack" })),
      );
      assertEquals(settled, [true, true]);
      const ends = held.slice(2).map((one) =>
        settlement(one, { kind: "ack" }, { result: record(one.id) })
      );
      assertEquals(await store.broker.settle("w", ends), [true]);
      assertEquals((await store.results.fetch(["c"]))[0]?.state, "SUCCESS");
      assertEquals(await store.broker.purge(["default"]), 1);
      await assertRejects(
        () => store.broker.publish([message("e")]),
        StoreError,
        "is full",
      );
    }),
);

serverTest(
  "a server that may drop tasks is warned of",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      assertEquals(store.warnings.length, 1);
      assertStringIncludes(store.warnings[0] ?? "", "it is allkeys-lru");
    }, ["--maxmemory-policy", "allkeys-lru", "--save", "60 1"]),
);

serverTest(
  "a replica, and one that becomes one",
  () =>
    withServer(async (server, open) => {
      const store = await open({ patience: 300 });
      await server.cli("replicaof", "127.0.0.1", String(freePort()));
      const error = await assertRejects(
        () => store.broker.publish([message("a")]),
        StoreError,
      );
      assertStringIncludes(error.message, "is a read-only replica");
      const sentence = await openError({ url: server.url });
      assertStringIncludes(sentence, "is a read-only replica");
    }),
);

serverTest("keys of another kind", () =>
  withServer(async (server, open) => {
    const store = await open();
    await server.cli("set", "lovage:tasks", "mine");
    const error = await assertRejects(
      () => store.broker.publish([message("a")]),
      StoreError,
    );
    assertStringIncludes(error.message, "take another `prefix`");
  }));

serverTest(
  "a call after the end says so",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      await store.close();
      await assertRejects(
        () => store.broker.publish([message("a")]),
        StoreError,
        "is not open",
      );
      await store.close();
    }),
);

serverTest(
  "names that Redis would not give back are refused",
  () =>
    withServer(async (_server, open) => {
      const store = await open();
      const batch = [message("fine"), message("\ud800")];
      await assertRejects(() => store.broker.publish(batch), StoreError, "id");
      const odd = message("a\nb\\n", {
        queue: "q\n1",
        task: "\\0",
        body: "\n",
      });
      await store.broker.publish([odd]);
      const [one] = await reserve(store, { queues: ["q\n1"] });
      assertEquals([one?.id, one?.queue, one?.task, one?.body], [
        "a\nb\\n",
        "q\n1",
        "\\0",
        "\n",
      ]);
    }),
);

serverTest(
  "an instance of the user's own",
  () =>
    withServer(async (server, open) => {
      const client = new Redis({
        port: server.port,
        db: 2,
        keyPrefix: "mine:",
        lazyConnect: true,
      });
      const store = redisStore({ client });
      await store.open();
      await store.broker.publish([message("a")]);
      const waiting = reserve(store, { queues: ["other"], wait: true });
      await store.broker.publish([message("b", { queue: "other" })]);
      assertEquals(ids(await waiting), ["b"]);
      await store.close();
      assertEquals(client.status, "wait", "it was left alone");
      const same = await open({
        url: `redis://127.0.0.1:${server.port}/2`,
        prefix: "mine:lovage",
      });
      assertEquals(ids(await reserve(same)), ["a"]);
      client.disconnect();
    }),
);

serverTest(
  "the cause of an error tells nothing of what was sent",
  () =>
    withServer(async (server, open) => {
      const store = await open();
      await server.cli("set", "lovage:tasks", "no hash");
      const secret = { ...message("a"), body: "the payload of a task" };
      const error = await assertRejects(
        () => store.broker.publish([secret]),
        StoreError,
      );
      assertMatch(String(error.cause), /^ReplyError: WRONGTYPE/);
      const shown = Deno.inspect(error);
      assert(!shown.includes("payload") && !shown.includes("ioredis"), shown);
    }),
);
