/**
 * The scheduler as tasks in isolates reach it: by message, through their
 * worker. It keeps all promises of the port.
 */

import { assertEquals } from "@std/assert";
import { memoryStore } from "../../../adapters/memory/mod.ts";
import type { Store, StoreOptions } from "../../../src/contracts/store.ts";
import { testScheduler } from "../../../src/testing/conformance/mod.ts";
import { RemoteStore } from "../../../src/worker/pool/remote_store.ts";
import { StoreServer } from "../../../src/worker/pool/store_server.ts";
import { jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";

/** The store, with the scheduler that tasks see. */
function asTasksSeeIt(store: Store): Store {
  const session = new StoreServer(store).open((text) => remote.receive(text));
  const remote: RemoteStore = new RemoteStore(
    store,
    (text) => session.receive(text),
  );
  return {
    scheme: store.scheme,
    address: store.address,
    capabilities: store.capabilities,
    broker: store.broker,
    results: store.results,
    scheduler: remote.scheduler,
    bus: store.bus,
    inspector: store.inspector,
    deadLetters: store.deadLetters,
    history: store.history,
    warnings: store.warnings,
    migrations: store.migrations,
    open: () => store.open(),
    close: () => store.close(),
  };
}

testScheduler({
  test: (name, fn) => Deno.test(`by message: ${name}`, fn),
  fresh: () => {
    const name = crypto.randomUUID();
    return {
      store: (options: StoreOptions) =>
        asTasksSeeIt(memoryStore({ ...options, name })),
    };
  },
});

Deno.test("IsolatePool serves the scheduler to tasks", async () => {
  const store = memoryStore();
  await store.open();
  {
    await using test = await startIsolates({ store });
    const [outcome] = await test.run(jobOf("putEntry", ["nightly"]));
    assertEquals(valueOf(outcome!), [[1], "nightly", null]);
  }
  assertEquals((await store.scheduler.list(null, 10)).records, [
    { name: "nightly", body: "{}", dueAt: 5, state: "", revision: 1 },
  ]);
  await store.close();
});
