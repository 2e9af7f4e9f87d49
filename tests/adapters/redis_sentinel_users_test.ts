/**
 * Sentinels that want a user and a password of their own, beside those of the
 * master that they watch.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { eventually } from "../../src/testing/conformance/fixtures.ts";
import { startSentinel } from "./fixtures/redis_sentinel.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

const USERS = ["user default off", "user watcher on >s3cret ~* &* +@all"];

async function opens(url: string): Promise<true> {
  const store = redisStore({ url, patience: 100 });
  try {
    await store.open();
    await store.results.fetch(["none"]);
    return true;
  } finally {
    await store.close();
  }
}

serverTest(
  "sentinels are told the user and the password of the URL",
  async () => {
    const master = await startRedis(["--requirepass", "m4ster"], [
      "-a",
      "m4ster",
    ]);
    const sentinel = await startSentinel(master, [
      "sentinel auth-pass main m4ster",
      ...USERS,
    ]);
    const place = `redis+sentinel://:m4ster@127.0.0.1:${sentinel.port}/main`;
    const known = `${place}?sentinelUsername=watcher&sentinelPassword=s3cret`;
    try {
      await eventually("the sentinel", () => opens(known).catch(() => false));
      for (
        const query of [
          "",
          // This one would be of the user that is called default.
          "?sentinelPassword=s3cret",
          "?sentinelUsername=watcher&sentinelPassword=wrong",
          "?sentinelUsername=other&sentinelPassword=s3cret",
        ]
      ) {
        await assertRejects(() => opens(place + query), StoreError);
      }
      assertEquals(await opens(known), true);
    } finally {
      await sentinel.stop();
      await master.stop();
    }
    // The driver leaves timers of two seconds behind.
  },
  { sanitizeOps: false, sanitizeResources: false },
);
