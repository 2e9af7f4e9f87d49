/** Canvases that follow a task: as its callback, and as that of its failure. */

import {
  chain,
  chord,
  ConfigError,
  group,
  type Linkable,
  Lovage,
} from "@lovage/lovage";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";

function makeApp(eager: boolean) {
  const app = new Lovage("links", {
    brokerUrl: "memory://",
    taskAlwaysEager: eager,
    taskEagerPropagates: false,
    taskStoreEagerResult: true,
  });
  const add = app.task("add", (a: number, b: number) => a + b);
  const double = app.task("double", (n: number) => n * 2);
  const sum = app.task(
    "sum",
    (all: readonly number[]) => all.reduce((a, b) => a + b, 0),
  );
  const fail = app.task("fail", (_n: number): number => {
    throw new RangeError("no");
  });
  return { app, add, double, sum, fail };
}

const WAIT = { timeout: "10s" } as const;

for (const eager of [false, true]) {
  const how = eager ? "eager: " : "";

  Deno.test(`${how}a task is followed by canvases`, async () => {
    const { app, add, double, sum } = makeApp(eager);
    await using _ = app;
    await using _worker = eager ? null : await app.worker({ pool: "async" });
    const links: Linkable[] = [
      chain(double.s(), add.s(1)).set({ taskId: "chained" }),
      group([
        double.s().set({ taskId: "member 0" }),
        add.s(5).set({ taskId: "member 1" }),
      ]),
      chord([double.s(), double.s()], sum.s().set({ taskId: "body" })),
      double.s().set({ taskId: "plain" }).link(
        chain(double.s(), double.s()).set({ taskId: "nested" }),
      ),
    ];
    const first = await add.applyAsync([1, 2], { link: links });
    assertEquals(await first.get(WAIT), 3);
    const came = async (id: string) => await app.AsyncResult(id).get(WAIT);
    assertEquals(await came("chained"), 7);
    assertEquals([await came("member 0"), await came("member 1")], [6, 8]);
    assertEquals(await came("body"), 12);
    assertEquals(await came("plain"), 6);
    assertEquals(await came("nested"), 24);
  });

  Deno.test(`${how}signatures and canvases are sent together`, async () => {
    const { app, add, double, sum } = makeApp(eager);
    await using _ = app;
    await using _worker = eager ? null : await app.worker({ pool: "async" });
    const [plain, chained, members, body] = await app.sendMany([
      add.s(1, 2),
      chain(add.s(1, 2), double.s()),
      group([double.s(1), chord([double.s(2), double.s(3)], sum.s())]),
      chord([], sum.s()),
    ]);
    assertEquals(await plain.get(WAIT), 3);
    assertEquals(await chained.get(WAIT), 6);
    assertEquals(await members.get(WAIT), [2, 10]);
    assertEquals(await body.get(WAIT), 0);
  });

  Deno.test(`${how}a failure is followed by a canvas`, async () => {
    const { app, fail } = makeApp(eager);
    await using _ = app;
    await using _worker = eager ? null : await app.worker({ pool: "async" });
    const tell = app.task(
      "tell",
      ({ task }: { task: string }, error: { message: string }) =>
        `${task}: ${error.message}`,
    );
    const shout = app.task("shout", (text: string) => text.toUpperCase());
    const told = chain(tell.s(), shout.s().set({ taskId: `told ${eager}` }));
    const result = await fail.s(1).linkError(told).delay();
    await assertRejects(() => result.get(WAIT), RangeError);
    const last = app.AsyncResult(`told ${eager}`);
    assertEquals(await last.get(WAIT), "FAIL: NO");
  });
}

Deno.test("a chain in a chain ends with the links of both", async () => {
  const { app, add, double } = makeApp(false);
  await using _ = app;
  await using _worker = await app.worker({ pool: "async" });
  const after = (taskId: string) =>
    chain(double.s(), double.s()).set({ taskId });
  await chain(add.s(1, 1), double.s().link(after("inner"))).link(after("outer"))
    .delay();
  assertEquals(await app.AsyncResult("inner").get(WAIT), 16);
  assertEquals(await app.AsyncResult("outer").get(WAIT), 16);
});

Deno.test("links travel as JSON and back", () => {
  const { app, add, double, sum } = makeApp(false);
  const one = add.s(1, 2).link(chain(double.s(), double.s()))
    .linkError(chord([double.s()], sum.s()));
  assertEquals(app.signature(one.toJSON()).toJSON(), one.toJSON());
});

Deno.test("what cannot follow a task is refused where it is written", async () => {
  const { app, add, double, sum } = makeApp(false);
  await using _ = app;
  assertThrows(
    () => add.s(1, 2).link(new Date() as unknown as Linkable),
    ConfigError,
    "a signature, such as notify.s(42), or a canvas",
  );
  const ignored = double.s().set({ ignoreResult: true });
  const link = chord([ignored, double.s()], sum.s());
  const message = 'Task "double" ignores its result';
  await assertRejects(
    () => add.applyAsync([1, 2], { link }),
    ConfigError,
    message,
  );
  await assertRejects(
    () => chain(add.s(1, 2), double.s().link(link)).delay(),
    ConfigError,
    message,
  );
});
