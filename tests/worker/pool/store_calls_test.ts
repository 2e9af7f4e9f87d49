/**
 * What tasks may call, over the messages that isolate and worker exchange.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { memoryStore } from "../../../adapters/memory/mod.ts";
import type { Store } from "../../../src/contracts/store.ts";
import { RemoteStore } from "../../../src/worker/pool/remote_store.ts";
import { StoreServer } from "../../../src/worker/pool/store_server.ts";

/** The store as a task sees it. */
function remoteOf(store: Store): RemoteStore {
  const session = new StoreServer(store).open((text) => remote.receive(text));
  const remote = new RemoteStore(store, (text) => session.receive(text));
  return remote;
}

async function pausedQueues({ inspector }: Store): Promise<string[]> {
  const queues = await inspector.queues();
  return queues.filter(({ paused }) => paused).map(({ queue }) => queue);
}

Deno.test("a task pauses queues, sees them paused and resumes them", async () => {
  const store = memoryStore();
  await store.open();
  const remote = remoteOf(store);
  await remote.broker.pause(["a", "b"], true);
  assertEquals(await pausedQueues(store), ["a", "b"]);
  assertEquals(await pausedQueues(remote), ["a", "b"]);
  await remote.broker.pause(["a"], false);
  assertEquals(await pausedQueues(store), ["b"]);
  await store.close();
});

Deno.test("leases stay out of the reach of tasks", async () => {
  const remote = remoteOf(memoryStore());
  await assertRejects(
    () => remote.broker.leave("c1"),
    TypeError,
    "broker.leave",
  );
});
