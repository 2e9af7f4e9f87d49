import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Chain,
  chain,
  chord,
  type Collected,
  DecodeError,
  group,
  type Lovage,
  LovageError,
  type Signature,
  TimeoutError,
  UpstreamFailedError,
} from "@lovage/lovage";
import { drain } from "../../src/testing/mod.ts";
import { onEachStore, onMemory, PATIENCE, untyped } from "../_helpers.ts";

function tasksOf(app: Lovage) {
  return {
    add: app.task("add", (a: number, b: number) => a + b),
    fail: app.task("fail", (n: number): number => {
      throw new RangeError(`no ${n}`);
    }),
    sum: app.task(
      "sum",
      (list: readonly number[]) => list.reduce((a, b) => a + b, 0),
    ),
  };
}

function valuesOf(collected: readonly Collected[]): unknown[] {
  return collected.map(([, value]) =>
    value instanceof Error ? value.name : value
  );
}

onEachStore(
  "collect() follows a task to all that it led to, breadth first",
  async (lab) => {
    const app = lab.app();
    const { add } = tasksOf(app);
    const branch = app.task("branch", async (n: number) => {
      await app.sendMany([add.s(n, 1), add.s(n, 2)]);
      return n;
    });
    const root = app.task("root", async () => {
      await branch.delay(10);
      await branch.delay(20);
      return "root";
    });
    const result = await root.s().link(add.si(0, 5)).delay();
    const waiting = Array.fromAsync(result.collect({ timeout: PATIENCE }));
    await drain(app);
    const collected = await waiting;
    assertEquals(valuesOf(collected), ["root", 10, 20, 5, 11, 12, 21, 22]);
    const [[first], [second], , , [fifth]] = collected as unknown as [
      Collected,
      Collected,
      Collected,
      Collected,
      Collected,
    ];
    assertEquals([first, second.parent, fifth.parent], [
      result,
      result,
      second,
    ]);
  },
);

onEachStore(
  "collect() follows chains, groups and the bodies of chords",
  async (lab) => {
    const app = lab.app();
    const { add, sum } = tasksOf(app);
    const last = await chain(
      add.s(1, 1),
      group([add.s(10), add.s(20)]),
      sum.s(),
      add.s(100),
    ).delay();
    let first = last.parent;
    while (first?.parent) first = first.parent;
    assert(first !== null);
    const waiting = Array.fromAsync(first.collect({ timeout: PATIENCE }));
    await drain(app);
    assertEquals(valuesOf(await waiting), [2, 12, 22, 34, 134]);
    assertEquals(valuesOf(await Array.fromAsync(last.collect())), [134]);
  },
);

onEachStore("collect() of a group begins with its members", async (lab) => {
  const app = lab.app();
  const { add } = tasksOf(app);
  const result = await group([
    add.s(1, 1).link(add.s(5)),
    group([chain(add.s(2, 2), add.s(1))]),
  ]).delay();
  await drain(app);
  assertEquals(valuesOf(await Array.fromAsync(result.collect())), [2, 5, 7]);
});

onEachStore(
  "collect() throws the first error, or goes on with it",
  async (lab) => {
    const app = lab.app();
    const { add, fail } = tasksOf(app);
    const heard = app.task("heard", () => "heard");
    const last = await chain(
      add.s(1, 1),
      fail.s().linkError(heard.si()),
      add.s(1),
      add.s(1),
    ).delay();
    await drain(app);
    let first = last.parent;
    while (first?.parent) first = first.parent;
    const root = app.AsyncResult(first?.id ?? "");
    const values: unknown[] = [];
    await assertRejects(
      async () => {
        for await (const [, value] of root.collect()) values.push(value);
      },
      RangeError,
      "no 2",
    );
    assertEquals(values, [2]);
    const all = await Array.fromAsync(root.collect({ propagate: false }));
    const upstream = UpstreamFailedError.name;
    assertEquals(
      new Set(valuesOf(all)),
      new Set([2, "RangeError", "heard", upstream]),
    );
    assertEquals(all.length, 5);
  },
);

onMemory("the timeout of collect() is for all tasks together", async (lab) => {
  const app = lab.app();
  const { add } = tasksOf(app);
  const result = await add.s(1, 1).link(add.s(1).set({ countdown: "1h" }))
    .delay();
  await drain(app);
  const collected: Collected[] = [];
  await assertRejects(
    async () => {
      for await (const each of result.collect({ timeout: "30ms" })) {
        collected.push(each);
      }
    },
    TimeoutError,
    "has not ended within 30 ms, 1 before it have",
  );
  assertEquals(valuesOf(collected), [2]);
});

onMemory("collect() inside a task is refused", async (lab) => {
  const app = lab.app();
  const { add } = tasksOf(app);
  const outer = app.task("outer", async () => {
    const result = await add.delay(1, 1);
    return await Array.fromAsync(result.collect());
  });
  const result = await outer.delay();
  await drain(app);
  await assertRejects(
    () => result.get(),
    LovageError,
    "or say collect({ allowInsideTask: true })",
  );
});

onMemory(
  "collect() of what ran eagerly follows what was stored",
  async (lab) => {
    const app = lab.app();
    const { add } = tasksOf(app);
    const canvas = chain(add.s(1, 1), add.s(1));
    const lost = (await canvas.apply()).parent;
    await assertRejects(
      () => Array.fromAsync(lost?.collect() ?? []),
      LovageError,
      "is kept only with taskStoreEagerResult",
    );
    const keeping = lab.app({ taskStoreEagerResult: true }, "keeping");
    const { add: kept } = tasksOf(keeping);
    const found = (await chain(kept.s(1, 1), kept.s(1)).apply()).parent;
    assertEquals(valuesOf(await Array.fromAsync(found?.collect() ?? [])), [
      2,
      3,
    ]);
  },
);

onMemory(
  "a record names the first 1,000 of many followers, and the body",
  async (lab) => {
    const app = lab.app();
    const { add, sum } = tasksOf(app);
    const size = 1_200;
    const last = await chain(
      add.s(0, 1),
      group(Array.from({ length: size }, () => add.s(1))),
      sum.s(),
    ).delay();
    await drain(app, { concurrency: 50, max: size + 2 });
    assertEquals(await last.get(), 2 * size);
    const header = last.parent;
    const { meta } = await app.AsyncResult(header?.parent?.id ?? "").inspect();
    assertEquals([meta.children?.length, meta.children?.at(-1)], [
      1_000,
      last.id,
    ]);
    const body = await last.inspect();
    assertEquals(body.meta.header, { group: header?.id ?? "", size });
  },
);

onEachStore(
  "records name groups and headers, and nothing where there are none",
  async (lab) => {
    const app = lab.app();
    const { add, sum } = tasksOf(app);
    const plain = await add.delay(1, 1);
    const body = await chord([add.s(1, 1)], sum.s()).delay();
    await drain(app);
    const { meta } = await plain.inspect();
    assertEquals(
      ["children", "group", "header"].filter((key) => key in meta),
      [],
    );
    const [member] = (body.parent as unknown as { results: [{ id: string }] })
      .results;
    const of = await app.AsyncResult(member.id).inspect();
    assertEquals([of.meta.group, of.meta.children], [
      body.parent?.id,
      undefined,
    ]);
  },
);

onEachStore("app.canvas() makes a canvas again from its JSON", async (lab) => {
  const app = lab.app();
  const { add, sum } = tasksOf(app);
  const at = "2026-05-01T08:00:00Z";
  const canvases = [
    add.s(1, 2).set({ queue: "default", priority: 3 }),
    add.si(1, 2).link(add.s(1)),
    chain(add.s(1, 2), group([add.s(1), add.si(5, 5)]), sum.s(), add.s(1)),
    group([add.s(1, 2), group([add.s(3, 4)]), chord([add.s(1, 1)], sum.s())]),
    chord(
      [chain(add.s(1, 1), add.s(2)), add.s(1, 2)],
      sum.s().set({ eta: at }),
    ),
  ];
  for (const canvas of canvases) {
    const json = JSON.parse(JSON.stringify(canvas));
    const again = app.canvas(json);
    assertEquals(again.constructor, canvas.constructor);
    assertEquals(JSON.stringify(again), JSON.stringify(canvas));
  }
  const known = app.canvas<number>(canvases[0]!.toJSON()) as Signature<
    [],
    number
  >;
  const sent = await known.delay();
  const canvas = app.canvas(canvases[2]!.toJSON());
  const result = await canvas.delay();
  const line = app.canvas<number>(
    chain(add.s(1, 2), add.s(3)).toJSON(),
  ) as Chain<[], number>;
  const eager = await app.canvas(line.toJSON()).apply();
  await drain(app);
  const three: number = await sent.get();
  assertEquals([three, await result.get(), await eager.get()], [3, 15, 6]);
});

onMemory("app.canvas() refuses what is no canvas", (lab) => {
  const app = lab.app();
  for (
    const wrong of [null, [], {}, { chain: 1 }, { chain: [{}] }, { chord: [] }]
  ) {
    let error: unknown;
    try {
      app.canvas(untyped(wrong));
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof DecodeError, JSON.stringify(wrong));
  }
});
