import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, StoreError } from "@lovage/lovage";
import { drain, enqueued } from "../../src/testing/mod.ts";
import { retryPauses } from "../../src/producer/publish_retry.ts";
import { faultyStore, type Lab, onEachStore, onMemory } from "../_helpers.ts";

const QUICK = { intervalStart: 0, intervalStep: 0 };

async function shop(lab: Lab) {
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store, taskPublishRetryPolicy: QUICK });
  const task = app.task("task", (n: number) => n);
  return { app, faults, task };
}

Deno.test("the pauses between tries are Celery's", () => {
  assertEquals(retryPauses({}), [0, 200, 400]);
  assertEquals(
    retryPauses({
      maxRetries: 5,
      intervalStart: "100ms",
      intervalStep: "1s",
      intervalMax: "2s",
    }),
    [100, 1_100, 2_000, 2_000, 2_000],
  );
  assertEquals(retryPauses({ maxRetries: 0 }), []);
});

onMemory(
  "a publish is tried again while the store does not answer",
  async (lab) => {
    const { app, faults, task } = await shop(lab);
    faults.fail("broker.publish", 3);
    await task.delay(1);
    assertEquals(faults.count("broker.publish"), 4);
    assertEquals((await enqueued(app)).length, 1);
  },
);

onMemory(
  "a publish that fails for good throws the store's error",
  async (lab) => {
    const { app, faults, task } = await shop(lab);
    faults.fail("broker.publish", 4);
    await assertRejects(() => task.delay(1), StoreError, "does not answer");
    assertEquals(faults.count("broker.publish"), 4);
    assertEquals(await enqueued(app), []);
  },
);

onMemory("the call says whether and how to try again", async (lab) => {
  const { faults, task } = await shop(lab);
  faults.fail("broker.publish", 9);
  await assertRejects(
    () => task.applyAsync([1], { retry: false }),
    StoreError,
  );
  assertEquals(faults.count("broker.publish"), 1);
  await assertRejects(
    () => task.applyAsync([1], { retryPolicy: { ...QUICK, maxRetries: 1 } }),
    StoreError,
  );
  assertEquals(faults.count("broker.publish"), 3);
});

onMemory(
  "taskPublishRetry: false tries once, unless the call says otherwise",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    const app = lab.app({
      store,
      taskPublishRetry: false,
      taskPublishRetryPolicy: QUICK,
    });
    faults.fail("broker.publish", 2);
    await assertRejects(() => app.sendTask("task"), StoreError);
    await app.sendTask("task", [], { retry: true });
  },
);

onMemory(
  "an error that is not the store's is not worth another try",
  async (lab) => {
    const { faults, task } = await shop(lab);
    faults.fail("broker.publish", 1, () => new TypeError("a bug"));
    await assertRejects(() => task.delay(1), TypeError, "a bug");
    assertEquals(faults.count("broker.publish"), 1);
  },
);

onEachStore(
  "a publish whose answer was lost is not sent twice",
  async (lab) => {
    const store = await lab.store();
    let lost = 1;
    const app = lab.app({
      taskPublishRetryPolicy: QUICK,
      store: {
        ...faultyStore(store).store,
        broker: new Proxy(store.broker, {
          get: (target, key) =>
            key === "publish"
              ? async (...args: Parameters<typeof target.publish>) => {
                const added = await target.publish(...args);
                if (lost-- > 0) throw new StoreError("the answer was lost");
                return added;
              }
              : Reflect.get(target, key).bind(target),
        }),
      },
    });
    await app.sendTask("task");
    assertEquals((await enqueued(app)).length, 1);
  },
);

onEachStore("100 calls at a time are one or two publishes", async (lab) => {
  const { app, faults, task } = await shop(lab);
  await Promise.all(Array.from({ length: 100 }, (_, n) => task.delay(n)));
  const publishes = faults.count("broker.publish");
  assert(publishes >= 1 && publishes <= 2, `${publishes} publishes`);
  assertEquals((await enqueued(app)).length, 100);
});

onEachStore(
  "100 results that are awaited at a time are few fetches",
  async (lab) => {
    const { app, faults, task } = await shop(lab);
    const sent = await app.sendMany(
      Array.from({ length: 100 }, (_, n) => task.s(n)),
    );
    await drain(app);
    const before = faults.count("results.fetch");
    const values = await Promise.all(sent.map((each) => each.get()));
    assertEquals(values, Array.from({ length: 100 }, (_, n) => n));
    const fetches = faults.count("results.fetch") - before;
    assert(fetches <= 3, `${fetches} fetches`);
  },
);

onEachStore("sendMany() sends all at once, in order", async (lab) => {
  const { app, faults, task } = await shop(lab);
  const sent = await app.sendMany([
    task.s(1),
    task.s(2).set({ queue: "other", taskId: "two" }),
    app.signature("elsewhere", [3]),
  ]);
  assertEquals(faults.count("broker.publish"), 1);
  assertEquals(sent.map(({ id }) => id)[1], "two");
  const ids = (await enqueued(app)).map(({ id }) => id);
  assertEquals(ids, sent.map(({ id }) => id));
  assertEquals(await app.sendMany([]), []);
});

onEachStore(
  "sendMany() sends nothing when one of them cannot be sent",
  async (lab) => {
    const { app, task } = await shop(lab);
    await assertRejects(() =>
      app.sendMany([task.s(1), app.signature("bad", [() => {}])])
    );
    assertEquals(await enqueued(app), []);
  },
);

onMemory(
  "sendMany() sends nothing when the middleware refuses one of them",
  async (lab) => {
    const { app, faults, task } = await shop(lab);
    app.use({
      publish: async (envelope, next) => {
        if (envelope.args[0] === 2) throw new RangeError("not two");
        await next(envelope);
      },
    });
    await assertRejects(
      () => app.sendMany([task.s(1), task.s(2), task.s(3)]),
      RangeError,
      "not two",
    );
    assertEquals(await enqueued(app), []);
    await app.sendMany([task.s(1), task.s(3)]);
    assertEquals(faults.count("broker.publish"), 1);
  },
);

onEachStore(
  "names that not every store can keep are refused at the call",
  async (lab) => {
    const { app, task } = await shop(lab);
    const good = task.delay(1);
    assertThrows(
      () => task.applyAsync([2], { queue: "bad\u0000name" }),
      ConfigError,
    );
    assertThrows(() => app.sendTask("bad\u0000name"), ConfigError);
    await good;
    assertEquals((await enqueued(app)).map(({ args }) => args), [[1]]);
  },
);

onMemory("middleware that drops a call sends nothing", async (lab) => {
  const { app, faults, task } = await shop(lab);
  app.use({
    publish: (envelope, next) =>
      envelope.args[0] === 2 ? Promise.resolve() : next(envelope),
  });
  await task.delay(2);
  assertEquals(faults.count("broker.publish"), 0);
  await app.sendMany([task.s(1), task.s(2), task.s(3)]);
  assertEquals((await enqueued(app)).map(({ args }) => args), [[1], [3]]);
});

onMemory("close() sends what is being sent", async (lab) => {
  const store = await lab.store();
  const app = lab.app();
  const sent = app.sendTask("task");
  await app.close();
  await sent;
  assertEquals((await store.inspector.queues())[0]?.queued, 1);
});

onMemory(
  "a store that could not be opened is tried again at the next call",
  async (lab) => {
    const inner = await lab.store();
    let fails = 1;
    const app = lab.app({
      taskPublishRetry: false,
      store: {
        ...faultyStore(inner).store,
        open: () =>
          fails-- > 0
            ? Promise.reject(new StoreError("not there yet"))
            : Promise.resolve(),
      },
    });
    await assertRejects(
      () => app.sendTask("task"),
      StoreError,
      "not there yet",
    );
    await app.sendTask("task");
  },
);
