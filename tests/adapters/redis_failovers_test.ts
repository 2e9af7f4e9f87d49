/**
 * A planned failover: the old master goes on for some ten seconds as if it
 * were one, and then forgets what it took meanwhile.
 */

import { assertEquals } from "@std/assert";
import { Redis } from "ioredis";
import { redisStore } from "../../adapters/redis/mod.ts";
import type { RedisStoreOptions } from "../../adapters/redis/mod.ts";
import { eventually, message } from "../../src/testing/conformance/fixtures.ts";
import { startSentinel } from "./fixtures/redis_sentinel.ts";
import {
  type RedisServer,
  serverTest,
  startRedis,
} from "./fixtures/redis_server.ts";

/** Long enough for a word from the sentinels, not for the old master's end. */
const WITHIN = 3_000;

/** A master, its replica and the sentinel that watches them. */
interface Watched {
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
  readonly sentinels: { host: string; port: number }[];
}

function watchedTest(name: string, test: (on: Watched) => Promise<void>): void {
  serverTest(name, async () => {
    const quick = ["--repl-diskless-sync-delay", "0"];
    const master = await startRedis(quick);
    const of = ["--replicaof", `127.0.0.1 ${master.port}`];
    const replica = await startRedis([...quick, ...of]);
    const sentinel = await startSentinel(master);
    const { port } = sentinel;
    try {
      await eventually("the sentinel to know the replica", async () => {
        const known = await sentinel.cli("sentinel", "replicas", "main");
        return known.includes(String(replica.port)) &&
          /master-link-status\s+ok/.test(known);
      });
      const sentinels = [{ host: "127.0.0.1", port }];
      await test({ replica, sentinel, sentinels });
    } finally {
      for (const one of [sentinel, replica, master]) await one.stop();
    }
    // The driver leaves timers of two seconds behind.
  }, { sanitizeOps: false, sanitizeResources: false });
}

async function failOver({ sentinel, replica }: Watched): Promise<void> {
  assertEquals(await sentinel.cli("sentinel", "failover", "main"), "OK");
  await eventually("the other master", async () => {
    const answer = await sentinel.cli(
      ...["sentinel", "get-master-addr-by-name", "main"],
    );
    return answer.endsWith(String(replica.port));
  });
}

/** Whether what is sent from now on comes to the new master, and is heard. */
async function follows(
  on: Watched,
  options: RedisStoreOptions,
): Promise<void> {
  const store = redisStore(options);
  try {
    await store.open();
    const heard: string[] = [];
    await store.bus.subscribe("news", (text) => void heard.push(text));
    await store.broker.publish([message("before")]);
    await failOver(on);
    const until = Date.now() + WITHIN;
    let n = 0;
    let missing = "";
    do {
      await store.broker.publish([message(`after ${++n}`)]);
      const tasks = await on.replica.cli("hkeys", "lovage:tasks");
      missing = tasks.includes(`after ${n}`) ? "" : "tasks";
      await store.bus.broadcast("news", `${n}`);
      missing ||= heard.includes(`${n}`) ? "" : "news";
    } while (missing !== "" && Date.now() < until);
    assertEquals(missing, "");
  } finally {
    await store.close();
  }
}

watchedTest("the master that sentinels name anew is turned to", async (on) => {
  const [{ port } = { port: 0 }] = on.sentinels;
  await follows(on, { url: `redis+sentinel://127.0.0.1:${port}/main` });
});

watchedTest("also with a client of the user's own", async (on) => {
  const client = new Redis({
    ...{ sentinels: on.sentinels, name: "main", lazyConnect: true },
  });
  await follows(on, { client });
});
