/** What was revoked never runs, wherever it is and whatever restarts. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError, type Lovage, TaskRevokedError } from "@lovage/lovage";
import type { Store } from "../../src/contracts/mod.ts";
import { internalsOf } from "../../src/internals.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { Latch, PATIENCE, reserve, soon, until } from "../_helpers.ts";
import { everyStore, Held, type Place } from "./_stores.ts";

const onEvery = everyStore();

async function storeOf(app: Lovage): Promise<Store> {
  return (await internalsOf(app).stores.open()).broker;
}

/** An app whose tasks note that they run. */
function noting(place: Place, clock?: FakeClock) {
  const app = place.app(clock === undefined ? {} : { clock });
  const ran: string[] = [];
  const note = app.task("note", (name: string) => void ran.push(name));
  return { app, ran, note };
}

onEvery("a task that is named twice is revoked once", async (place) => {
  const { app, note } = noting(place);
  const { id } = await note.applyAsync(["a"], { countdown: 60 });
  assertEquals(await app.control.revoke([id, id]), ["removed", "removed"]);
  assertEquals(await app.AsyncResult(id).state(), "REVOKED");
});

onEvery(
  "what was revoked while it waited does not run after a restart",
  async (place) => {
    const clock = new FakeClock();
    // What is in memory lasts as long as somebody has it open.
    await storeOf(place.app({ clock }));
    const { app, note } = noting(place, clock);
    const [queued, kept] = await app.sendMany([note.s("a"), note.s("b")]);
    const scheduled = await note.applyAsync(["c"], { countdown: 60 });
    const chained = await note.applyAsync(["d"], {
      countdown: 60,
      link: note.si("after"),
    });
    const ids = [queued!.id, scheduled.id, chained.id, "later"];
    const outcomes = await app.control.revoke(ids);
    assertEquals(outcomes.slice(0, 2), ["removed", "removed"]);
    assertEquals(outcomes[3], "unknown");
    await app.close();

    // Nothing of the process that revoked is left.
    const next = noting(place, clock);
    await next.note.applyAsync(["later"], { taskId: "later" });
    await place.worker(next.app);
    await until(() => next.ran.length > 0, "the task that was not revoked");
    clock.advance(120_000);
    for (const id of ids) {
      await assertRejects(
        () => next.app.AsyncResult(id).get({ timeout: PATIENCE }),
        TaskRevokedError,
      );
    }
    await next.app.AsyncResult(kept!.id).get({ timeout: PATIENCE });
    assertEquals(next.ran, ["b"]);
  },
);

onEvery(
  "what was revoked while a worker held it that died does not run again",
  async (place) => {
    const clock = new FakeClock();
    const { app, ran, note } = noting(place, clock);
    const { id } = await note.delay("a");
    const store = await storeOf(app);
    const dead = { id: "dead", name: "dead@box", lease: 15_000, details: {} };
    await store.broker.heartbeat(dead);
    assertEquals((await reserve(store, "dead")).length, 1);
    assertEquals(await app.control.revoke(id), ["running"]);
    clock.advance(20_000);
    const [reaped] = await store.broker.reap();
    assertEquals(reaped?.returned, [id]);
    await place.worker(app);
    await assertRejects(
      () => app.AsyncResult(id).get({ timeout: PATIENCE }),
      TaskRevokedError,
    );
    assertEquals(ran, []);
  },
);

onEvery(
  "what runs is asked to stop, or ended, from any process",
  async (place) => {
    const app = place.app();
    const other = place.app();
    const begun = { gentle: new Latch(), deaf: new Latch() };
    const over = new Latch();
    const gentle = app.task("gentle", { bind: true }, async (self) => {
      begun.gentle.open();
      await new Promise((_, reject) =>
        self.signal.addEventListener("abort", () => reject(self.signal.reason))
      );
    });
    const deaf = app.task("deaf", async () => {
      begun.deaf.open();
      await over.opened;
    });
    const worker = await place.worker(app);
    const results = await app.sendMany([gentle.s(), deaf.s()]);
    for (const each of Object.values(begun)) await soon(each.opened, "a start");
    await other.control.revoke(results[0].id);
    await other.control.terminate(results[1].id);
    for (const result of results) {
      await assertRejects(
        () => result.get({ timeout: PATIENCE }),
        TaskRevokedError,
      );
    }
    over.open();
    await worker.stop();
    for (const result of results) assertEquals(await result.state(), "REVOKED");
  },
);

onEvery(
  "what runs at most once is revoked, though no store has it",
  async (place) => {
    const app = place.app();
    const held = new Held();
    const hold = app.task("hold", { acksLate: false }, held.task);
    await place.worker(app);
    const byId = await hold.delay("a");
    const byHeader = await hold.applyAsync(["b"], { headers: { tenant: 7 } });
    await hold.delay("c");
    await until(() => held.running.size === 3, "all");
    const other = place.app();
    assertEquals(await other.control.terminate(byId.id), ["unknown"]);
    await other.control.revokeByHeaders({ tenant: [7] }, { terminate: true });
    for (const { id } of [byId, byHeader]) {
      await assertRejects(
        () => app.AsyncResult(id).get({ timeout: PATIENCE }),
        TaskRevokedError,
      );
    }
    assertEquals(
      Object.values(
        (await app.control.inspect({ timeout: "10s" }).active())
          .replies,
      )[0]?.map(({ args }) => args[0]),
      ["c"],
    );
    held.release("a", "b", "c");
  },
);

onEvery(
  "by header all are revoked that wait or run, and nothing else",
  async (place) => {
    const app = place.app();
    const held = new Held();
    const hold = app.task("hold", held.task);
    await place.worker(app, { queues: ["busy"] });
    const send = (name: string, headers: object, more: object = {}) =>
      hold.applyAsync([name], {
        headers: headers as Record<string, unknown>,
        ...more,
      });
    const acme = { tenant: "acme", batch: 7 };
    const runs = await send("runs", acme, { queue: "busy" });
    const mine = await send("mine", { tenant: "mine" }, { queue: "busy" });
    await until(() => held.running.size === 2, "those that run");
    const waits = await send("waits", acme);
    const later = await send("later", acme, { countdown: 3600 });
    const other = await send("other", { ...acme, batch: 8 });
    const text = await send("text", { ...acme, batch: "7" });
    await hold.delay("bare");

    const met = await app.control.revokeByHeaders(
      { tenant: ["acme", "else"], batch: 7 },
      { terminate: true },
    );
    assertEquals(
      Object.fromEntries(met.map(({ id, outcome }) => [id, outcome])),
      { [runs.id]: "running", [waits.id]: "removed", [later.id]: "removed" },
    );
    assertEquals([met[0]?.task, met[0]?.queue], ["hold", "default"]);
    for (const { id } of [runs, waits, later]) {
      await assertRejects(
        () => app.AsyncResult(id).get({ timeout: PATIENCE }),
        TaskRevokedError,
      );
    }
    const states = [mine, other, text].map((each) => each.state());
    assert((await Promise.all(states)).every((each) => each !== "REVOKED"));
    assertEquals(await app.control.revokeByHeaders({ tenant: "acne" }), []);
    held.release("runs", "mine");
  },
);

onEvery("by header a long backlog is gone through", async (place) => {
  const { app, note } = noting(place);
  const all = Array.from({ length: 1_200 }, (_, n) => n);
  await app.sendMany(
    all.map((n) => note.s(`${n}`).set({ headers: { even: n % 2 === 0 } })),
  );
  const met = await app.control.revokeByHeaders({ even: true });
  assertEquals(met.length, 600);
  const { inspector } = await storeOf(app);
  assertEquals((await inspector.queues())[0]?.queued, 600);
  const refused = (headers: never) =>
    assertRejects(
      () => app.control.revokeByHeaders(headers),
      ConfigError,
      "Tasks are revoked by one header or more",
    );
  await refused({} as never);
  await refused("tenant" as never);
});
