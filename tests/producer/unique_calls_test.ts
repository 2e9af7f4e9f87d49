/** Calls that say themselves that one is enough. */

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  chain,
  ConfigError,
  EncodeError,
  type Lovage,
  type TaskContext,
} from "@lovage/lovage";
import { enqueued } from "../../src/testing/mod.ts";
import { everyStore, Held } from "../control/_stores.ts";
import { onMemory, PATIENCE, until, untyped } from "../_helpers.ts";

const onEvery = everyStore();

/** Ids of what waits. */
async function waiting(app: Lovage): Promise<readonly string[]> {
  return (await enqueued(app)).map(({ id }) => id);
}

onEvery("one like it is not sent by a name unknown here", async (place) => {
  const sender = place.app();
  const send = (key: string, args: readonly unknown[] = []) =>
    sender.sendTask("index", args, { unique: { key }, countdown: "1h" });
  const first = await send("shop 1", [1]);
  assertEquals((await send("shop 1", [2])).id, first.id);
  assertNotEquals((await send("shop 2", [1])).id, first.id);
  const other = await sender.sendTask("other", [], {
    unique: { key: "shop 1" },
  });
  assertNotEquals(other.id, first.id);
});

onEvery(
  "such calls and those of who knows the task are alike",
  async (place) => {
    const [sender, owner] = [place.app(), place.app()];
    const index = owner.task(
      "index",
      { unique: { key: (shop) => `shop ${shop}` } },
      (shop: number, _text: string) => shop,
    );
    const first = await sender.sendTask("index", [1, "a"], {
      unique: { key: "shop 1" },
      countdown: "1h",
    });
    assertEquals((await index.delay(1, "b")).id, first.id);
    const replaced = await sender.sendTask("index", [1, "c"], {
      unique: { key: (shop) => `shop ${shop}`, onConflict: "replace" },
    });
    assertEquals(replaced.id, first.id);
    await place.worker(owner);
    assertEquals(await first.get({ timeout: PATIENCE }), 1);
  },
);

onEvery("without a key their arguments make them alike", async (place) => {
  const app = place.app();
  const options = { unique: true, countdown: "1h" } as const;
  const first = await app.sendTask("index", [{ a: 1, b: 2 }], options);
  const same = await app.sendTask("index", [{ b: 2, a: 1 }], options);
  const other = await app.sendTask("index", [{ a: 2 }], options);
  assertEquals(same.id, first.id);
  assertNotEquals(other.id, first.id);
});

onEvery("keepLast: one runs, and the newest waits", async (place) => {
  const [sender, owner] = [place.app(), place.app()];
  const held = new Held();
  owner.task("save", held.task);
  await place.worker(owner);
  const send = (text: string) =>
    sender.sendTask("save", [text], {
      unique: { key: "page 1", onConflict: "keepLast" },
    });
  const first = await send("one");
  await until(() => held.running.has("one"), "the first to run");
  const second = await send("two");
  assertNotEquals(second.id, first.id);
  assertEquals((await send("three")).id, second.id);
  held.release("one");
  await until(() => held.running.has("three"), "the newest to run");
  held.release("three");
  assertEquals(await second.get({ timeout: PATIENCE }), "three");
  assertEquals(held.most, 1);
});

onEvery("a retry keeps the key that the call has given", async (place) => {
  const [sender, owner] = [place.app(), place.app()];
  const options = { bind: true, retryJitter: false } as const;
  owner.task("flaky", options, (self: TaskContext, n: number) => {
    if (self.request.retries === 0) throw self.retry({ countdown: "1h" });
    return n;
  });
  await place.worker(owner);
  const send = (n: number) =>
    sender.sendTask("flaky", [n], { unique: { key: "one" } });
  const first = await send(1);
  await until(async () => (await waiting(owner)).length > 0, "its retry");
  assertEquals((await send(2)).id, first.id);
});

onMemory("for: so long after the call nothing like it", async (lab) => {
  const app = lab.app();
  app.task("tick", () => "ran");
  await lab.worker(app);
  const send = () =>
    app.sendTask("tick", [], { unique: { key: "x", for: "1h" } });
  const first = await send();
  assertEquals(await first.get({ timeout: PATIENCE }), "ran");
  assertEquals((await send()).id, first.id);
});

onMemory(
  "the limits of the task join those of who does not know it",
  async (lab) => {
    const [sender, owner] = [lab.app(), lab.app()];
    const held = new Held();
    owner.task("work", { concurrency: 1 }, held.task);
    const results = [];
    for (const name of ["a", "b", "c"]) {
      results.push(
        await sender.sendTask("work", [name], {
          unique: { key: name, onConflict: "keepLast" },
        }),
      );
      held.release(name);
    }
    await lab.worker(owner);
    for (const each of results) await each.get({ timeout: PATIENCE });
    assertEquals(held.most, 1);
  },
);

onMemory("unique: false sends a unique task, also in a canvas", async (lab) => {
  const app = lab.app();
  const task = app.task("task", { unique: true }, (n: number) => n + 1);
  const first = await task.applyAsync([1], { countdown: "1h" });
  const again = await task.applyAsync([1], { unique: false });
  assertNotEquals(again.id, first.id);
  const both = await chain(
    task.signature([1], { unique: false }),
    task.s().set({ unique: false }),
  ).delay();
  await lab.worker(app);
  assertEquals(await both.get({ timeout: PATIENCE }), 3);
  assertEquals(await again.get({ timeout: PATIENCE }), 2);
});

onMemory("a link of its own key is skipped if there is one", async (lab) => {
  const app = lab.app();
  const task = app.task("task", (n: number) => n);
  const unique = { key: "k", for: "1h" } as const;
  const first = await app.sendTask("next", [], { unique, countdown: "1h" });
  await lab.worker(app);
  const link = app.signature("next", [], { unique });
  const sent = await task.applyAsync([1], { link });
  assertEquals(await sent.get({ timeout: PATIENCE }), 1);
  assertEquals(await waiting(app), [first.id]);
});

onMemory("what cannot be, is refused", async (lab) => {
  const app = lab.app();
  const early = app.task("early", { acksLate: false }, () => {});
  const refused = async (unique: unknown, message: string) => {
    await assertRejects(
      async () => await app.sendTask("any", [], untyped({ unique })),
      ConfigError,
      message,
    );
  };
  await refused(7, 'Option "unique" of the call of "any" must be');
  await refused({ key: "" }, 'Option "key" of unique must be');
  await refused({ key: 7 }, "a non-empty string, or a function, but it is 7");
  await refused({ keys: "a" }, 'Did you mean "key"?');
  await refused({ for: "soon" }, 'Option "for" of unique must be a duration');
  await refused({ onConflict: "wait" }, '"skip" or "replace" or "keepLast"');
  await refused(
    { for: "1m", onConflict: "keepLast" },
    'Option "unique" of the call of "any" has both onConflict: "keepLast"',
  );
  await refused({ key: () => 7 }, "must be a text, but its function returned");
  await assertRejects(
    async () => await early.applyAsync([], { unique: true }),
    ConfigError,
    'Option "unique" of the call of "early" cannot hold with acksLate: false',
  );
  await early.applyAsync([], { unique: { for: "5m" } });
  const unique = { key: () => "x" };
  await assertRejects(
    async () =>
      await early.applyAsync([], { link: early.si().set({ unique }) }),
    EncodeError,
    "give the text that it makes",
  );
  await assertRejects(
    async () =>
      await chain(early.si().set({ unique: true }), early.si()).delay(),
    ConfigError,
    'Task "early" is unique, so it cannot be part of a chain',
  );
});
