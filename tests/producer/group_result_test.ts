import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type AsyncResult,
  chain,
  chord,
  ConfigError,
  group,
  GroupResult,
  LovageError,
  TaskRevokedError,
  TimeoutError,
} from "@lovage/lovage";
import type { GroupMember, Lovage } from "@lovage/lovage";
import { drain } from "../../src/testing/mod.ts";
import {
  faultyStore,
  Latch,
  onEachStore,
  onMemory,
  PATIENCE,
  soon,
  until,
  untyped,
} from "../_helpers.ts";

function tasksOf(app: Lovage) {
  return {
    echo: app.task("echo", (n: number) => n),
    fail: app.task("fail", (n: number): number => {
      throw new RangeError(`no ${n}`);
    }),
    sum: app.task(
      "sum",
      (list: readonly number[]) => list.reduce((a, b) => a + b, 0),
    ),
  };
}

onEachStore(
  "get() returns the results in the order of the members",
  async (lab) => {
    const app = lab.app();
    const { echo } = tasksOf(app);
    const result = await group([
      echo.s(1).set({ priority: 9 }),
      echo.s(2),
      echo.s(3).set({ priority: 0 }),
    ]).delay();
    assert(result instanceof GroupResult);
    assertEquals([result.length, result.children], [3, result.results]);
    const waiting = result.get({ timeout: PATIENCE });
    await drain(app);
    assertEquals(await waiting, [1, 2, 3]);
    assertEquals(await result.join(), [1, 2, 3]);
  },
);

onEachStore("get() throws the first error, or lists it", async (lab) => {
  const app = lab.app();
  const { echo, fail } = tasksOf(app);
  const result = await group([echo.s(1), fail.s(2), fail.s(3)]).delay();
  await drain(app);
  await assertRejects(() => result.get(), RangeError, "no 2");
  const [one, two, three]: readonly unknown[] = await result.get({
    propagate: false,
  });
  assertEquals(one, 1);
  assert(two instanceof RangeError && three instanceof RangeError);
  assertEquals([two.message, three.message], ["no 2", "no 3"]);
});

onEachStore("members are told of as they end", async (lab) => {
  const app = lab.app();
  const open = new Map([1, 2, 3].map((n) => [n, new Latch()]));
  const hold = app.task("hold", async (n: number) => {
    await open.get(n)?.opened;
    if (n === 3) throw new RangeError("no");
    return n;
  });
  await lab.worker(app, { concurrency: 3 });
  const result = await group([hold.s(1), hold.s(2), hold.s(3)]).delay();
  const told: GroupMember[] = [];
  const next = [3, 1, 2];
  open.get(3)?.open();
  for await (const member of result) {
    told.push(member);
    open.get(next[told.length] ?? 0)?.open();
  }
  assertEquals(
    told.map(({ id }) => id),
    [2, 0, 1].map((at) => result.results[at]?.id),
  );
});

onMemory("who leaves the iteration waits for nothing any more", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const late = echo.s(2).set({ countdown: "1h" });
  const result = await group([echo.s(1), late, group([late])]).delay();
  await drain(app);
  const intervals = new Set<unknown>();
  const { setInterval, clearInterval } = globalThis;
  const opens = (...args: Parameters<typeof setInterval>) => {
    const id = setInterval(...args);
    intervals.add(id);
    return id;
  };
  const closes = (id: Parameters<typeof clearInterval>[0]) => {
    intervals.delete(id);
    clearInterval(id);
  };
  Object.assign(globalThis, { setInterval: opens, clearInterval: closes });
  try {
    for await (const member of result) {
      assertEquals(member.id, result.results[0]?.id);
      assertEquals(intervals.size, 2);
      break;
    }
    await until(() => intervals.size === 0, "nothing is waited for");
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval });
  }
});

onMemory(
  "iterate() gives up in time, and when its signal aborts",
  async (lab) => {
    const app = lab.app();
    const { echo } = tasksOf(app);
    const result = await group([echo.s(1)]).delay();
    await assertRejects(
      () => result.iterate({ timeout: "20ms" }).next(),
      TimeoutError,
    );
    const controller = new AbortController();
    const next = result.iterate({ signal: controller.signal }).next();
    controller.abort(new SyntaxError("enough"));
    await assertRejects(() => soon(next, "the end"), SyntaxError, "enough");
  },
);

onMemory("who iterates is told when the app is closed", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const result = await group([echo.s(1)]).delay();
  const next = result.iterate().next();
  next.catch(() => {});
  await result.ready();
  await app.close();
  await assertRejects(() => soon(next, "the end"), LovageError, "closed");
});

onEachStore("the state of a group is that of its members", async (lab) => {
  const app = lab.app();
  const { echo, fail } = tasksOf(app);
  const states = async (result: GroupResult<unknown>) => [
    await result.completedCount(),
    await result.ready(),
    await result.waiting(),
    await result.successful(),
    await result.failed(),
  ];
  const good = await group([echo.s(1), echo.s(2)]).delay();
  assertEquals(await states(good), [0, false, true, false, false]);
  await drain(app);
  assertEquals(await states(good), [2, true, false, true, false]);
  const bad = await group([echo.s(1), fail.s(2)]).delay();
  await drain(app);
  assertEquals(await states(bad), [1, true, false, false, true]);
  const half = await group([echo.s(1), echo.s(2).set({ countdown: "1h" })])
    .delay();
  await drain(app);
  assertEquals(await states(half), [1, false, true, false, false]);
});

onEachStore("revoke() revokes all members", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const result = await group([echo.s(1), group([echo.s(2), echo.s(3)])])
    .delay();
  await result.revoke();
  assertEquals(await drain(app), {});
  await assertRejects(() => result.get(), TaskRevokedError);
  assertEquals(
    [await result.ready(), await result.successful(), await result.failed()],
    [true, false, false],
  );
});

onEachStore(
  "a group that was saved is found again, until it is forgotten",
  async (lab) => {
    const app = lab.app();
    const { echo } = tasksOf(app);
    const result = await group([
      echo.s(1),
      group([echo.s(2), group([echo.s(3)])]),
    ]).delay();
    await assertRejects(
      () => app.GroupResult(result.id),
      LovageError,
      `No group ${result.id} is saved`,
    );
    await result.save();
    await drain(app);
    const other = lab.app({}, "other");
    const found = await other.GroupResult(result.id);
    assertEquals(JSON.stringify(found), JSON.stringify(result));
    assertEquals(await found.get(), [1, [2, [3]]]);
    await found.forget();
    assertEquals(await result.completedCount(), 0);
    await assertRejects(() => app.GroupResult(result.id), LovageError);
  },
);

onEachStore("groups in a group have lists of their own", async (lab) => {
  const app = lab.app();
  const { echo, fail } = tasksOf(app);
  const result = await group([
    group([echo.s(1), echo.s(2)]),
    echo.s(3),
    group([group([echo.s(4)]), chain(echo.s(5), echo.s())]),
  ]).delay();
  await drain(app);
  assertEquals(await result.get(), [[1, 2], 3, [[4], 5]]);
  assertEquals(await result.completedCount(), 5);
  const told = await Array.fromAsync(result);
  assertEquals(new Set(told), new Set(result.results));
  const bad = await group([echo.s(1), group([fail.s(2)])]).delay();
  await drain(app);
  await assertRejects(() => bad.get(), RangeError, "no 2");
});

onMemory("a group without members has ended", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const result = await group([group([]), echo.s(1)]).delay();
  await drain(app);
  const [empty] = result.results as unknown as [GroupResult<unknown>];
  assertEquals(await empty.get({ timeout: "1s" }), []);
  assertEquals([await empty.ready(), await empty.successful()], [true, true]);
  assertEquals(await Array.fromAsync(empty), []);
  assertEquals(await result.get(), [[], 1]);
});

onMemory("the timeout of get() is for all members together", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const late = echo.s(2).set({ countdown: "1h" });
  const result = await group([echo.s(1), group([late, late])]).delay();
  await drain(app);
  const began = performance.now();
  const error = await assertRejects(
    () => result.get({ timeout: "50ms" }),
    TimeoutError,
    "has not ended within 50 ms, 1 before it have; it goes on",
  );
  assert(error.cause instanceof TimeoutError);
  assert(performance.now() - began < 5_000);
});

onMemory("the error of a task is not taken for a timeout", async (lab) => {
  const app = lab.app();
  const late = app.task("late", () => {
    throw new TimeoutError("the bank does not answer");
  });
  const result = await group([late.s()]).delay();
  await drain(app);
  await assertRejects(
    () => result.get({ timeout: PATIENCE }),
    TimeoutError,
    "the bank does not answer",
  );
});

onMemory("get() gives up when its signal aborts", async (lab) => {
  const app = lab.app();
  const { echo } = tasksOf(app);
  const result = await group([echo.s(1)]).delay();
  const controller = new AbortController();
  const waiting = result.get({ signal: controller.signal });
  controller.abort(new SyntaxError("enough"));
  await assertRejects(() => soon(waiting, "the end"), SyntaxError, "enough");
  await assertRejects(
    () => result.get({ signal: controller.signal }),
    SyntaxError,
  );
  await assertRejects(
    () => result.get(untyped({ timeuot: 1 })),
    ConfigError,
    'Did you mean "timeout"',
  );
});

onMemory(
  "waiting for a group inside a task is refused, unless it is allowed",
  async (lab) => {
    const app = lab.app();
    const { echo } = tasksOf(app);
    const outer = app.task("outer", async (how: string) => {
      const result = await group([echo.s(1), echo.s(2)]).delay();
      const allowed = { allowInsideTask: how === "allowed" };
      if (how === "iterate") return await Array.fromAsync(result);
      if (how === "collect") return await Array.fromAsync(result.collect());
      return await result.get(allowed);
    });
    const waits = ["get", "iterate", "collect"];
    const refused = await Promise.all(waits.map((how) => outer.delay(how)));
    const allowed = await outer.delay("allowed");
    await drain(app, { concurrency: 5 });
    for (const [at, result] of refused.entries()) {
      await assertRejects(
        () => result.get(),
        LovageError,
        'Task "outer" must not wait for group',
        waits[at],
      );
    }
    assertEquals<unknown>(await allowed.get(), [1, 2]);
  },
);

onEachStore(
  "the handle of a chain leads back to its first task",
  async (lab) => {
    const app = lab.app();
    const { echo } = tasksOf(app);
    const last: AsyncResult<number> = await chain(echo.s(7), echo.s(), echo.s())
      .delay();
    const middle = last.parent as AsyncResult<unknown>;
    const first = middle.parent as AsyncResult<unknown>;
    assertEquals(first.parent, null);
    assertEquals(new Set([last.id, middle.id, first.id]).size, 3);
    await drain(app);
    assertEquals([await first.get(), await middle.get(), await last.get()], [
      7,
      7,
      7,
    ]);
    const [follower] = await first.children();
    assertEquals(follower?.id, middle.id);
  },
);

onEachStore("the parent of a chord's body is the group", async (lab) => {
  const app = lab.app();
  const { echo, sum } = tasksOf(app);
  const last = await chain(
    echo.s(1),
    group([echo.s(), echo.s()]),
    sum.s(),
    echo.s(),
  ).delay();
  const body = last.parent as AsyncResult<unknown>;
  const header = body.parent as GroupResult<unknown>;
  assert(header instanceof GroupResult);
  assertEquals([header.length, header.parent instanceof GroupResult], [
    2,
    false,
  ]);
  await drain(app);
  assertEquals([await last.get(), await header.get()], [2, [1, 1]]);
  assertEquals(await header.parent?.get(), 1);

  const single = await chord([echo.s(1), echo.s(2)], sum.s()).delay();
  assertEquals((single.parent as GroupResult<unknown>).length, 2);
  assertEquals(single.parent?.parent, null);
});

onMemory("a group that ran eagerly is known without any store", async (lab) => {
  const app = lab.app({ brokerUrl: "redis://127.0.0.1:1/" });
  const { echo, fail } = tasksOf(app);
  const result = await group([echo.s(1), group([echo.s(2)])]).apply();
  assertEquals(await result.get(), [1, [2]]);
  assertEquals(
    [
      await result.completedCount(),
      await result.ready(),
      await result.successful(),
    ],
    [2, true, true],
  );
  const bad = await group([fail.s(1)]).apply();
  assertEquals(await bad.failed(), true);
});

onMemory("many members are fetched together", async (lab) => {
  const size = 10_000;
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store });
  const { echo } = tasksOf(app);
  const result = await group(
    Array.from({ length: size }, (_, n) => echo.s(n)),
  ).delay();
  const waiting = result.get({ timeout: "60s" });
  await drain(app, { concurrency: 100, max: size });
  const values = await waiting;
  assertEquals([values.length, values[size - 1]], [size, size - 1]);

  const before = faults.count("results.fetch");
  await result.get();
  assertEquals(faults.count("results.fetch") - before, size / 1_000);
  const told = await Array.fromAsync(result);
  assertEquals(told.length, size);
  assert(faults.count("results.fetch") - before < 50);
});

onMemory("get() survives that the store does not answer", async (lab) => {
  const { store, faults } = faultyStore(await lab.store());
  const app = lab.app({ store });
  const { echo } = tasksOf(app);
  const result = await group([echo.s(1), echo.s(2)]).delay();
  await drain(app);
  faults.fail("results.fetch", 3);
  assertEquals(await result.get({ timeout: PATIENCE, interval: "10ms" }), [
    1,
    2,
  ]);
});
