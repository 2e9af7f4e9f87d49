/** Workers that are late, payloads that are none, and stores that fail. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { StoreError } from "@lovage/lovage";
import type { BusListener } from "../../src/contracts/bus.ts";
import type { Store } from "../../src/contracts/store.ts";
import { Receiver } from "../../src/worker/remote/receiver.ts";
import { internalsOf } from "../../src/internals.ts";
import { CONTROL_TOPIC } from "../../src/control/protocol.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { faultyStore, onMemory, until } from "../_helpers.ts";
import { everyStore } from "./_stores.ts";

const onEvery = everyStore();

/** A store whose bus keeps what is told to it until it is let go. */
function slowBus(store: Store): { store: Store; letGo: () => void } {
  const kept: (() => void)[] = [];
  const bus = {
    broadcast: (topic: string, payload: string) => {
      kept.push(() => void store.bus.broadcast(topic, payload));
      return Promise.resolve();
    },
    subscribe: (topic: string, listener: BusListener) =>
      store.bus.subscribe(topic, listener),
  };
  const letGo = () => {
    for (const tell of kept.splice(0)) tell();
  };
  return {
    letGo,
    store: new Proxy(store, {
      get: (target, key) => {
        if (key === "bus") return bus;
        const member = Reflect.get(target, key);
        return typeof member === "function" ? member.bind(target) : member;
      },
    }),
  };
}

onMemory(
  "a worker that answers late is missing, and its answer disturbs no other question",
  async (lab) => {
    const slow = slowBus(await lab.store());
    const late = lab.app({ store: slow.store });
    await lab.worker(late, { hostname: "late@box" });
    const app = lab.app();
    await lab.worker(app, { hostname: "here@box" });

    const first = await app.control.ping({ timeout: "100ms" });
    assertEquals(Object.keys(first.replies), ["here@box"]);
    assertEquals(first.missing, ["late@box"]);

    const second = app.control.inspect({ timeout: "10s" }).activeQueues();
    // The answers to both questions come now, while the second is open.
    const tries = setInterval(slow.letGo, 5);
    const { replies, missing } = await second;
    clearInterval(tries);
    assertEquals(missing, []);
    assertEquals(replies["late@box"], [{ name: "default" }]);
    assertEquals(replies["here@box"], [{ name: "default" }]);
  },
);

onEvery("what is no request changes nothing", async (place) => {
  const app = place.app();
  await place.worker(app, { hostname: "one@box", concurrency: 2 });
  // Sent by whoever can reach the store.
  const { broker: { bus } } = await openedBy(app);
  const request = (rest: object) =>
    JSON.stringify({ id: "x", args: {}, reply: false, ...rest });
  for (
    const payload of [
      "",
      "nonsense",
      "null",
      "[]",
      "7",
      '{"id":1,"command":"shutdown"}',
      '{"command":"shutdown"}',
      '{"id":"x"}',
      request({ command: "__proto__" }),
      request({ command: "constructor" }),
      request({ command: "poolGrow", args: { n: "two" } }),
      request({ command: "poolGrow", args: { n: -1 } }),
      request({ command: "poolGrow", args: null }),
      request({ command: "poolShrink", args: { n: 2 } }),
      request({ command: "rateLimit", args: { task: 7, rate: 1 } }),
      request({ command: "addConsumer", args: { queue: 7 } }),
      request({ command: "cancelConsumer", args: {} }),
      request({ command: "shutdown", destination: ["else@box"] }),
      request({ command: "shutdown", pattern: "else*" }),
    ]
  ) await bus.broadcast(CONTROL_TOPIC, payload);

  const inspect = app.control.inspect({ timeout: "10s" });
  const { replies } = await inspect.stats();
  assertEquals(replies["one@box"]?.pool.maxConcurrency, 2);
  assertEquals((await inspect.activeQueues()).replies, {
    "one@box": [{ name: "default" }],
  });
});

onMemory(
  "a question to a store that fails is an error, and leaves no timer",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    const clock = new FakeClock();
    const app = lab.app({ store, clock });
    faults.fail("inspector.consumers", 1);
    await assertRejects(() => app.control.ping(), StoreError);
    assertEquals(clock.pending, 0);
    faults.fail("bus.broadcast", 1);
    await assertRejects(() => app.control.ping(), StoreError);
    assertEquals(clock.pending, 0);
  },
);

onMemory(
  "an answer that cannot be sent does not keep the next one",
  async (lab) => {
    const { store, faults } = faultyStore(await lab.store());
    await lab.worker(lab.app({ store }), { hostname: "one@box" });
    const app = lab.app();
    faults.fail("bus.broadcast", 1);
    const lost = await app.control.ping({ timeout: "50ms" });
    assertEquals(lost.missing, ["one@box"]);
    await until(() => faults.count("bus.broadcast") > 0, "the try");
    assertEquals((await app.control.ping({ timeout: "10s" })).missing, []);
  },
);

onMemory(
  "an answer that is no JSON is an error, not a silence",
  async (lab) => {
    const { bus } = await lab.store();
    const receiver = new Receiver(bus, "one@box", { ping: () => 1n });
    await receiver.start();
    const answers = await lab.app().control.ping({
      destination: ["one@box"],
      timeout: "10s",
    });
    await receiver.stop();
    assertMatch(
      answers.errors["one@box"] ?? "",
      /^Its answer cannot be written/,
    );
  },
);

async function openedBy(app: object) {
  return await internalsOf(app).stores.open();
}
