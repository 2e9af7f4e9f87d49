/** The rights that an error names are those that a user of a cluster needs. */

import { assertEquals, assertRejects } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { startCluster } from "./fixtures/redis_cluster.ts";
import { serverTest } from "./fixtures/redis_server.ts";

serverTest("a user of a cluster is granted what its error names", async () => {
  const cluster = await startCluster();
  const grant = (...rights: string[]) =>
    Promise.all(
      cluster.nodes.map(({ cli }) =>
        cli("acl", "setuser", "me", "on", ">pw", "+@all", ...rights)
      ),
    );
  const url = cluster.url.replace("//", "//me:pw@");
  const store = redisStore({ url, patience: 300 });
  try {
    await grant("~other:*");
    await store.open();
    const error = await assertRejects(
      () => store.broker.publish([message("a")]),
      StoreError,
      "lacks a right",
    );
    const patterns = error.message.matchAll(/"([~&][^"]+)"/g);
    await grant(...[...patterns].map(([, pattern = ""]) => pattern));
    await store.bus.subscribe("news", () => {});
    const waiting = reserve(store, { wait: true });
    await store.broker.publish([message("a")]);
    assertEquals(ids(await waiting), ["a"]);
  } finally {
    await store.close();
    await cluster.stop();
  }
  // The driver leaves timers of two seconds behind.
}, { sanitizeOps: false, sanitizeResources: false });
