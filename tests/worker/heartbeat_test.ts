import { assertEquals } from "@std/assert";
import type { Broker } from "../../src/contracts/mod.ts";
import { systemClock } from "../../src/service/clock.ts";
import { Heartbeat } from "../../src/worker/heartbeat.ts";
import { StoreLink } from "../../src/worker/store_link.ts";
import { faultyStore, Latch, onMemory, soon } from "../_helpers.ts";

onMemory("heartbeats do not pile up while the store is away", async (lab) => {
  const { store } = faultyStore(await lab.store());
  const [asked, isBack] = [new Latch(), new Latch()];
  let count = 0;
  const slow: Pick<Broker, "heartbeat"> = {
    async heartbeat(info) {
      if (++count === 2) asked.open();
      if (count > 1) await isBack.opened;
      return await store.broker.heartbeat(info);
    },
  };
  const heartbeat = new Heartbeat({
    store: { ...store, broker: { ...store.broker, ...slow } },
    link: new StoreLink("memory://", systemClock, 0),
    clock: systemClock,
    info: () => ({ id: "w", name: "w@x", lease: 60_000, details: {} }),
    cancel: () => {},
    revoked: () => {},
    lost: () => {},
  });
  await heartbeat.start();
  const first = heartbeat.beat();
  await soon(asked.opened, "the first beat");
  const beats = Array.from({ length: 100 }, () => heartbeat.beat());
  isBack.open();
  await soon(Promise.all([first, ...beats]), "the beats");
  // That of the start, the one that was under way, and one for all others.
  assertEquals(count, 3);
  await heartbeat.stop();
});
