import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Store } from "../../../src/contracts/store.ts";
import { StoreError } from "../../../src/errors.ts";
import { errorOf, jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";

interface FakeStore extends Store {
  readonly listeners: Set<unknown>;
  readonly counts: { subscribed: number };
}

/** Just enough of a store for the calls below. */
function fakeStore(): FakeStore {
  const listeners = new Set<(payload: string) => void>();
  const counts = { subscribed: 0 };
  return {
    listeners,
    counts,
    scheme: "fake",
    address: "fake://",
    capabilities: {
      durable: false,
      shared: false,
      atomicSettlement: true,
      transactions: false,
      limitsAcrossQueues: true,
      lanes: 1,
      load: 250,
    },
    results: {
      fetch: (ids: readonly string[]) =>
        Promise.resolve(
          ids.map((id) =>
            id === "missing" ? undefined : { id, state: "SUCCESS" }
          ),
        ),
      forget: () => Promise.reject(new RangeError("cannot forget")),
      store: () =>
        Promise.reject(new StoreError("misused", { transient: false })),
      expire: () => Promise.reject(new StoreError("away", { inDoubt: true })),
    },
    bus: {
      broadcast: (_topic: string, payload: string) => {
        for (const listener of listeners) listener(payload);
        return Promise.resolve();
      },
      subscribe: (_topic: string, listener: (payload: string) => void) => {
        counts.subscribed++;
        listeners.add(listener);
        return Promise.resolve(() => listeners.delete(listener));
      },
    },
  } as unknown as FakeStore;
}

Deno.test("IsolatePool serves the store to tasks", async () => {
  await using test = await startIsolates({ store: fakeStore() });
  const [outcome] = await test.run(jobOf("fetchResult", ["a"]));
  assertEquals(valueOf(outcome!), { id: "a", state: "SUCCESS" });
});

Deno.test("IsolatePool serves missing records as undefined", async () => {
  await using test = await startIsolates({ store: fakeStore() });
  const [outcome] = await test.run(jobOf("fetchMissing"));
  assertEquals(valueOf(outcome!), "undefined");
});

Deno.test("IsolatePool relays subscriptions and their ends", async () => {
  const store = fakeStore();
  await using test = await startIsolates({ store });
  const [outcome] = await test.run(jobOf("hearBus", ["topic"]));
  assertEquals(valueOf(outcome!), "hello");
  await test.run(jobOf("noop"));
  assertEquals(store.listeners.size, 0);
});

Deno.test("IsolatePool passes errors of the store on to tasks", async () => {
  await using test = await startIsolates({ store: fakeStore() });
  const [outcome] = await test.run(jobOf("failStore"));
  const error = errorOf(outcome!);
  assertEquals(error.name, "RangeError");
  assertEquals(error.message, "cannot forget");
});

Deno.test("IsolatePool tells tasks which errors of the store may pass", async () => {
  await using test = await startIsolates({ store: fakeStore() });
  const [outcome] = await test.run(jobOf("failTransiently"));
  assertEquals(valueOf(outcome!), [
    ["StoreError", "misused", false, false],
    ["StoreError", "away", true, true],
  ]);
});

Deno.test("IsolatePool refuses leases to tasks", async () => {
  await using test = await startIsolates({ store: fakeStore() });
  const [outcome] = await test.run(jobOf("reserve"));
  assertStringIncludes(errorOf(outcome!).message, "broker.reserve");
});

Deno.test("IsolatePool ends the subscriptions of a task that dies", async () => {
  const store = fakeStore();
  await using test = await startIsolates({ store });
  const job = jobOf("subscribeAndSpin", ["topic"], { hardLimit: 300 });
  test.pool.submit([job]);
  await test.events.outcomeOf(job);
  assertEquals(store.counts.subscribed, 1);
  assertEquals(store.listeners.size, 0);
});
