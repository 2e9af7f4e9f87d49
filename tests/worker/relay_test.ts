import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, StoreError } from "@lovage/lovage";
import { memoryStore } from "../../adapters/memory/mod.ts";
import type { Broker, Message, Store } from "../../src/contracts/mod.ts";
import { OUTBOX_QUEUE } from "../../src/producer/outbox.ts";
import {
  faultyStore,
  nextEvent,
  onMemory,
  onSqlite,
  PATIENCE,
  until,
} from "../_helpers.ts";

/** A transaction of the stand-in: what is to become true at its commit. */
interface Transaction {
  readonly commits: (() => Promise<unknown>)[];
}

/** A store in memory that takes part in transactions. */
function transactionalStore(): Store {
  const store = memoryStore();
  const broker = Object.assign(Object.create(store.broker), {
    publish: (
      batch: readonly Message[],
      options: { readonly transaction?: unknown } = {},
    ) => {
      const tx = options.transaction as Transaction | undefined;
      const publish = () => store.broker.publish(batch);
      if (tx === undefined) return publish();
      tx.commits.push(publish);
      return Promise.resolve(batch.map(() => true));
    },
  });
  return {
    scheme: store.scheme,
    address: store.address,
    capabilities: { ...store.capabilities, transactions: true },
    broker: new Proxy(broker, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (typeof value !== "function" || name === "publish") return value;
        return value.bind(store.broker);
      },
    }),
    results: store.results,
    scheduler: store.scheduler,
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

onSqlite(
  "onCommit() sends when the transaction commits, and not before",
  async (lab) => {
    const outbox = transactionalStore();
    const app = lab.app({ outbox });
    const add = app.task("math.add", (a: number, b: number) => a + b);
    await lab.worker(app);
    const tx: Transaction = { commits: [] };
    const [one, other] = await app.onCommit(tx, add.s(1, 2), add.s(3, 4));
    assertEquals(await one.state(), "PENDING");
    assertEquals(await outbox.inspector.queues(), []);
    for (const commit of tx.commits) await commit();
    assertEquals(await one.get({ timeout: PATIENCE }), 3);
    assertEquals(await other.get({ timeout: PATIENCE }), 7);
    await until(
      async () => (await outbox.inspector.queues()).length === 0,
      "the outbox is empty",
    );
  },
);

onMemory(
  "what waits in the outbox is relayed by the next worker",
  async (lab) => {
    const app = lab.app({ outbox: transactionalStore() });
    const add = app.task("math.add", (a: number, b: number) => a + b);
    const tx: Transaction = { commits: [] };
    const [result] = await app.onCommit(
      tx,
      add.s(1, 2).set({ queue: "default", taskId: "one" }),
    );
    for (const commit of tx.commits) await commit();
    await lab.worker(app);
    assertEquals(await result.get({ timeout: PATIENCE }), 3);
  },
);

onMemory(
  "what is no message in the outbox is a dead letter there",
  async (lab) => {
    const outbox = transactionalStore();
    const app = lab.app({ outbox });
    await outbox.open();
    await outbox.broker.publish([{
      id: "odd",
      task: "odd",
      queue: OUTBOX_QUEUE,
      priority: 0,
      eta: null,
      body: "{}",
    }]);
    await lab.worker(app);
    await until(
      async () =>
        (await outbox.deadLetters.list({ limit: 1 })).items[0]?.id === "odd",
      "the dead letter",
    );
  },
);

onMemory("what was relayed and not crossed off is so later", async (lab) => {
  const { store: outbox, faults } = faultyStore(transactionalStore());
  const app = lab.app({ outbox });
  const add = app.task("math.add", (a: number, b: number) => a + b);
  await lab.worker(app);
  faults.fail("broker.settle", 2);
  const tx: Transaction = { commits: [] };
  const [result] = await app.onCommit(tx, add.s(1, 2));
  for (const commit of tx.commits) await commit();
  assertEquals(await result.get({ timeout: PATIENCE }), 3);
  await until(
    async () => (await outbox.inspector.queues()).length === 0,
    "the outbox is empty",
  );
  assertEquals(faults.count("broker.settle"), 3);
});

onMemory("a publication whose answer was lost is not repeated", async (lab) => {
  const outbox = transactionalStore();
  const memory = memoryStore();
  let published = 0;
  const store = Object.assign(Object.create(memory), {
    broker: new Proxy(memory.broker, {
      get(target, name: keyof Broker) {
        if (name !== "publish") return target[name].bind(target);
        return async (batch: readonly Message[]) => {
          const added = await target.publish(batch);
          if (published++ > 0) return added;
          // The task runs and ends before anybody asks again.
          await nextEvent(app, "taskPostrun");
          throw new StoreError("The connection was lost");
        };
      },
    }),
    open: () => memory.open(),
    close: () => memory.close(),
  });
  let runs = 0;
  const app = lab.app({ outbox, store });
  const count = app.task("count", () => ++runs);
  await lab.worker(app);
  const tx: Transaction = { commits: [] };
  const [result] = await app.onCommit(tx, count.s());
  for (const commit of tx.commits) await commit();
  assertEquals(await result.get({ timeout: PATIENCE }), 1);
  await until(
    async () => (await outbox.inspector.queues()).length === 0,
    "the outbox is empty",
  );
  assertEquals([runs, await result.result()], [1, 1]);
});

onMemory("onCommit() says what it needs", async (lab) => {
  const app = lab.app();
  const add = app.task("math.add", (a: number, b: number) => a + b);
  const tx: Transaction = { commits: [] };
  await assertRejects(
    () => app.onCommit(tx, add.s(1, 2)),
    ConfigError,
    "set `outbox` to the URL",
  );
  await assertRejects(
    () => app.onCommit(undefined, add.s(1, 2)),
    ConfigError,
    "takes your transaction first",
  );
  const wrong = lab.app({ outbox: memoryStore() });
  const task = wrong.task("task", () => 1);
  await assertRejects(
    () => wrong.onCommit(tx, task.s()),
    ConfigError,
    "The outbox cannot be memory://",
  );
  await assertRejects(
    () => add.applyAsync([1, 2], { tx }),
    ConfigError,
    "memory:// cannot send within a transaction",
  );
});
