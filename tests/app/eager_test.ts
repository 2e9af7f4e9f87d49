import { assert, assertEquals, assertRejects } from "@std/assert";
import { Ignore, NotRegisteredError, Reject } from "@lovage/lovage";
import { enqueued } from "../../src/testing/mod.ts";
import { onMemory } from "../_helpers.ts";

const eager = { taskAlwaysEager: true };

onMemory("eager tasks run at the call, and nothing is sent", async (lab) => {
  const app = lab.app(eager);
  const add = app.task("add", { bind: true }, (self, a: number, b: Date) => [
    a + Number(b),
    self.request.isEager,
  ]);
  const result = await add.delay(1, new Date(2));
  assertEquals(await result.get(), [3, true]);
  assertEquals(await result.state(), "SUCCESS");
  assertEquals(await result.ready(), true);
  const many = await app.sendMany([
    add.s(1, new Date(1)),
    add.s(new Date(2)).clone([1]),
  ]);
  assertEquals(await many[0].get(), [2, true]);
  assertEquals(await enqueued(app), []);
});

onMemory(
  "eager errors are in the result, or at the call with taskEagerPropagates",
  async (lab) => {
    const app = lab.app(eager);
    const thrower = lab.app({ ...eager, taskEagerPropagates: true });
    for (const each of [app, thrower]) {
      each.task("task", () => {
        throw new RangeError("bad");
      });
    }
    const result = await app.sendTask("task");
    assertEquals(await result.failed(), true);
    await assertRejects(() => result.get(), RangeError, "bad");
    await assertRejects(() => thrower.sendTask("task"), RangeError, "bad");
  },
);

onMemory("eager retries run at once, as often as in a worker", async (lab) => {
  const app = lab.app(eager);
  let runs = 0;
  const task = app.task(
    "task",
    { bind: true, maxRetries: 4 },
    (self) =>
      ++runs < 4 ? self.retry({ countdown: "1h" }) : self.request.retries,
  );
  assertEquals(await (await task.delay()).get(), 3);
  const doomed = app.task("doomed", {
    autoretryFor: [RangeError],
    maxRetries: 2,
  }, () => {
    runs++;
    throw new RangeError("bad");
  });
  runs = 0;
  await assertRejects(
    async () => await (await doomed.delay()).get(),
    RangeError,
  );
  assertEquals(runs, 3);
});

onMemory("eager tasks run what they are linked to", async (lab) => {
  const app = lab.app(eager);
  const ran: unknown[] = [];
  const note = app.task("note", (...args: unknown[]) => {
    ran.push(args);
  });
  const task = app.task("task", (good: boolean) => {
    if (!good) throw new TypeError("bad");
    return 1;
  });
  await task.applyAsync([true], { link: note.s("next") });
  await task.applyAsync([false], { linkError: note.si("failed") });
  assertEquals(ran, [[1, "next"], ["failed"]]);
});

onMemory("apply() runs one task eagerly, whatever the setting", async (lab) => {
  const app = lab.app();
  const seen: string[] = [];
  const task = app.task(
    "task",
    { afterReturn: (_, state) => seen.push(state) },
    (n: number) => n * 2,
  );
  assertEquals(await (await task.apply([21])).get(), 42);
  assertEquals(seen, ["SUCCESS"]);
  assertEquals(await enqueued(app), []);
});

onMemory("eager results are stored when that is wanted", async (lab) => {
  const app = lab.app({ ...eager, taskStoreEagerResult: true });
  const task = app.task("task", () => "ran");
  const { id } = await task.delay();
  assertEquals(await app.AsyncResult(id).get(), "ran");
});

onMemory("eager tasks that are ignored or rejected say so", async (lab) => {
  const app = lab.app(eager);
  const task = app.task("task", (ignore: boolean) => {
    throw ignore ? new Ignore() : new Reject("no", { requeue: true });
  });
  assertEquals(await (await task.delay(true)).state(), "IGNORED");
  assertEquals(await (await task.delay(false)).state(), "REJECTED");
});

onMemory("a task that is not here cannot run eagerly", async (lab) => {
  await assertRejects(
    () => lab.app(eager).sendTask("elsewhere"),
    NotRegisteredError,
    'Task "elsewhere" cannot run here',
  );
});

onMemory(
  "eager tasks inside each other know where they come from",
  async (lab) => {
    const app = lab.app(eager);
    const leaf = app.task("leaf", { bind: true }, (self) => [
      self.request.parentId,
      self.request.rootId,
    ]);
    const branch = app.task("branch", { bind: true }, async (self) => {
      const first = await leaf.delay();
      const second = await leaf.delay();
      return [
        self.request.id,
        await first.get({ allowInsideTask: true }),
        await second.get({ allowInsideTask: true }),
      ];
    });
    const result = await branch.delay();
    const [id, first, second] = await result.get();
    assertEquals(id, result.id);
    assertEquals([first, second], [[id, id], [id, id]] as never);
  },
);

onMemory(
  "eager tasks side by side do not take each other for a parent",
  async (lab) => {
    const app = lab.app(eager);
    const task = app.task("task", { bind: true }, async (self) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return self.request.parentId;
    });
    const results = await Promise.all([
      task.delay(),
      task.delay(),
      task.delay(),
    ]);
    for (const result of results) assertEquals(await result.get(), null);
    assert(new Set(results.map(({ id }) => id)).size === 3);
  },
);
