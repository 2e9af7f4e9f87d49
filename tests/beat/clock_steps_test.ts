/** The machine's clock is set: no time is doubled, none is lost. */

import { assertEquals } from "@std/assert";
import type { Clock, Store } from "../../src/contracts/mod.ts";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";

const M = 60_000;
const MINUTELY = { task: "report", schedule: "* * * * *" } as const;
const minutes = (ticks: readonly string[]) =>
  ticks.map((tick) => tick.slice(11, 16));

for (const forward of [3 * M, 60 * M]) {
  beatTest(
    `a clock that goes forward by ${forward / M} minutes is an outage`,
    async (lab) => {
      const app = lab.app();
      await app.schedules.put({
        all: { ...MINUTELY, catchUp: "all" },
        one: MINUTELY,
        skip: { ...MINUTELY, catchUp: "skip" },
      });
      await lab.beat(app);
      await lab.pass(M + 30_000);
      lab.clock.step(forward);
      await lab.pass(M);
      const all = Array.from(
        { length: forward / M + 2 },
        (_, at) =>
          `0${Math.floor((at + 1) / 60)}:${
            String((at + 1) % 60).padStart(2, "0")
          }`,
      );
      assertEquals(minutes(await lab.ticks("all")), all);
      const newest = ["00:01", ...all.slice(-2)];
      assertEquals(minutes(await lab.ticks("one")), newest);
      assertEquals(minutes(await lab.ticks("skip")), newest);
    },
  );
}

for (const back of [500, 20_000, 3 * M, 60 * M]) {
  beatTest(
    `a clock that goes back by ${
      back / 1_000
    } s waits until the done times are over`,
    async (lab) => {
      const app = lab.app();
      await app.schedules.add("all", { ...MINUTELY, catchUp: "all" });
      await lab.beat(app);
      await lab.pass(2 * M);
      lab.clock.step(-back);
      await lab.pass(back);
      assertEquals(minutes(await lab.ticks()), ["00:01", "00:02"]);
      await lab.pass(M);
      assertEquals(minutes(await lab.ticks()), ["00:01", "00:02", "00:03"]);
    },
    "2026-01-01T00:00:00Z",
  );
}

beatTest(
  "while it waits for a clock that went back, changes are taken over",
  async (lab) => {
    const app = lab.app();
    await app.schedules.add("a", MINUTELY);
    await lab.beat(app);
    await lab.pass(2 * M);
    lab.clock.step(-60 * M);
    await lab.pass(1_000);
    await app.schedules.add("b", { task: "report", schedule: "10s" });
    await lab.pass(30_000);
    assertEquals((await lab.ticks("b")).length, 3);
    assertEquals((await lab.ticks("a")).length, 2);
  },
);

/** A store with a clock of its own, which is not set: a server's. */
function serverStore({ clock }: BeatLab): { server: Clock; store: Store } {
  const server: Clock = {
    now: () => clock.now() - clock.stepped,
    timer: (ms, callback) => clock.timer(ms, callback),
  };
  return { server, store: memoryStore({ clock: server }) };
}

for (const step of [-60 * M, -2_000, 2_000, 60 * M]) {
  beatTest(
    `beat goes by the clock of the store's server, when its own is set by ${
      step / 1_000
    } s`,
    async (lab) => {
      const { server, store } = serverStore(lab);
      const app = lab.app({ store });
      await app.schedules.add("a", { ...MINUTELY, catchUp: "all" });
      await lab.beat(app);
      const fired: number[] = [];
      app.on("afterTaskPublish", () => fired.push(server.now()));
      await lab.pass(M + 31_000);
      lab.clock.step(step);
      // It is woken while its own clock is wrong.
      await app.schedules.add("far", { task: "report", schedule: "30d" });
      await lab.pass(M * 2);
      const start = Date.parse("2026-01-01T00:00:00Z");
      assertEquals(fired.map((at) => (at - start) / M), [1, 2, 3]);
    },
  );
}

beatTest(
  "a clock that goes forward by a little makes nothing come too early",
  async (lab) => {
    const { server, store } = serverStore(lab);
    const app = lab.app({ store });
    await app.schedules.add("a", { task: "report", schedule: "57 * * * * *" });
    await lab.beat(app);
    const fired: number[] = [];
    app.on("afterTaskPublish", () => fired.push(server.now()));
    await lab.pass(55_500);
    lab.clock.step(2_600);
    await app.schedules.add("far", { task: "report", schedule: "30d" });
    await lab.pass(5_000);
    assertEquals(fired, [Date.parse("2026-01-01T00:00:57Z")]);
  },
);
