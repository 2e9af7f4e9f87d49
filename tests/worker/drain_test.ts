import { assert, assertEquals, assertRejects } from "@std/assert";
import { chain, ConfigError } from "@lovage/lovage";
import { everyStore } from "../control/_stores.ts";
import { Latch, soon } from "../_helpers.ts";

const onEachStore = everyStore();

onEachStore("what is ready is worked off, and what that sends", async (lab) => {
  const app = lab.app();
  const leaf = app.task("leaf", (n: number) => n);
  const branch = app.task("branch", async (n: number) => {
    await leaf.delay(n);
  });
  await leaf.applyAsync([0], { countdown: "1h" });
  await app.sendMany([branch.s(1), branch.s(2), leaf.s(3)]);
  const { ended, why } = await app.drain();
  assertEquals([ended, why], [{ success: 5 }, "empty"]);
  assertEquals(await app.drain(), { ended: {}, why: "empty" });
});

onEachStore("a chain is worked off to its end", async (lab) => {
  const app = lab.app();
  const add = app.task("add", (a: number, b: number) => a + b);
  const links = Array.from({ length: 20 }, () => add.s(1));
  const sent = await links.reduce(
    (line, link) => chain(line, link) as never,
    chain(add.s(0, 0), add.s(1)),
  ).delay();
  const { ended, why } = await app.drain();
  assertEquals([ended, why], [{ success: 22 }, "empty"]);
  assertEquals(await sent.get(), 21);
});

onEachStore("no more than max are taken; the rest stays", async (lab) => {
  const app = lab.app();
  const task = app.task("some", (n: number) => n);
  await app.sendMany(Array.from({ length: 10 }, (_, n) => task.s(n)));
  const first = await app.drain({ max: 4 });
  assertEquals([first.ended, first.why], [{ success: 4 }, "max"]);
  const rest = await app.drain({ max: 100 });
  assertEquals([rest.ended, rest.why], [{ success: 6 }, "empty"]);
});

onEachStore("when it is time, what has not started goes back", async (lab) => {
  const app = lab.app();
  const started = new Latch();
  const release = new Latch();
  const slow = app.task("slow", async (n: number) => {
    started.open();
    await release.opened;
    return n;
  });
  const results = await app.sendMany([slow.s(1), slow.s(2), slow.s(3)]);
  const draining = app.drain({ until: "300ms", concurrency: 1 });
  await soon(started.opened, "the first task");
  const timer = setTimeout(() => release.open(), 400);
  const { ended, why } = await draining;
  clearTimeout(timer);
  assertEquals([ended, why], [{ success: 1 }, "until"]);
  assertEquals(await Promise.all(results.map((it) => it.state())), [
    "SUCCESS",
    "PENDING",
    "PENDING",
  ]);
  assertEquals((await app.drain()).ended, { success: 2 });
});

onEachStore("what runs on when it is time has its grace", async (lab) => {
  const app = lab.app();
  const started = new Latch();
  const release = new Latch();
  const slow = app.task("slow", async () => {
    started.open();
    await release.opened;
  });
  const result = await slow.delay();
  const began = performance.now();
  const draining = app.drain({ until: "100ms", grace: "50ms" });
  await soon(started.opened, "the task");
  const { ended, why } = await draining;
  // Without it, it would be five seconds.
  assert(performance.now() - began < 4_000, "it had more time than that");
  assertEquals([ended, why], [{ released: 1 }, "until"]);
  release.open();
  assertEquals(await result.state(), "PENDING");
  assertEquals((await app.drain()).ended, { success: 1 });
});

onEachStore("what will not do is refused", async (lab) => {
  const app = lab.app();
  for (
    const options of [
      { until: "soon" as never },
      { max: 0 },
      { grace: "a while" as never },
      { until: new Date(0) },
      { maximum: 1 } as never,
    ]
  ) {
    await assertRejects(() => app.drain(options), ConfigError);
  }
});
