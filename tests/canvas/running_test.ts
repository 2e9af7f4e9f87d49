/**
 * What a running task can do about its canvas: put another in its place, and
 * add to the chord that it is a member of.
 */

import {
  chain,
  chord,
  ConfigError,
  group,
  Lovage,
  map,
  starmap,
} from "@lovage/lovage";
import { assertEquals, assertRejects } from "@std/assert";

function makeApp(eager: boolean) {
  const app = new Lovage("running", {
    brokerUrl: "memory://",
    taskAlwaysEager: eager,
  });
  const add = app.task("add", (a: number, b: number) => a + b);
  const double = app.task("double", (n: number) => n * 2);
  const list = app.task("list", (all: readonly unknown[]) => all);
  const fail = app.task("fail", (): number => {
    throw new RangeError("no");
  });
  return { app, add, double, list, fail };
}

const WAIT = { timeout: "10s" } as const;

for (const eager of [false, true]) {
  const how = eager ? "eager: " : "";

  Deno.test(`${how}a task is replaced by what takes its place`, async () => {
    const { app, add, double, list, fail } = makeApp(eager);
    await using _ = app;
    const asChain = app.task(
      "asChain",
      { bind: true },
      (self, n: number) => self.replace(chain(add.s(n, 1), double.s())),
    );
    const asGroup = app.task(
      "asGroup",
      { bind: true },
      (self, n: number) => self.replace(group([double.s(n), add.s(n, n)])),
    );
    const asChord = app.task(
      "asChord",
      { bind: true },
      (self, n: number) =>
        self.replace(chord([double.s(n), asChain.s(n)], list.s())),
    );
    const asFailure = app.task(
      "asFailure",
      { bind: true },
      (self) => self.replace(chain(fail.s(), double.s())),
    );
    await using _worker = eager ? null : await app.worker({ pool: "async" });

    const one = await asChain.delay(3);
    assertEquals(await one.get(WAIT), 8);
    assertEquals(await (await asGroup.delay(2)).get(WAIT), [4, 4]);
    assertEquals(await (await asChord.delay(1)).get(WAIT), [2, 4]);
    const line = chain(asChain.s(3), double.s());
    assertEquals(await (await line.delay()).get(WAIT), 16);
    const members = chord([asGroup.s(1), asChain.s(1), add.s(1, 1)], list.s());
    assertEquals(await (await members.delay()).get(WAIT), [[2, 2], 4, 2]);
    const error = await assertRejects(async () =>
      await (await asFailure.delay()).get({ ...WAIT, propagate: true })
    );
    assertEquals((error as Error).message.includes("no"), true);
  });

  Deno.test(`${how}a member adds to its chord`, async () => {
    const { app, add, double, list, fail } = makeApp(eager);
    await using _ = app;
    const grow = app.task("grow", { bind: true }, (self, n: number) => {
      self.addToChord(double.s(n));
      self.addToChord(chain(add.s(n, 1), double.s()));
      return n;
    });
    const spoil = app.task("spoil", { bind: true }, (self) => {
      self.addToChord(fail.s());
      return 1;
    });
    await using _worker = eager ? null : await app.worker({ pool: "async" });

    const grown = chord([add.s(1, 1), grow.s(5), grow.s(1)], list.s());
    assertEquals(
      await (await grown.delay()).get(WAIT),
      [2, 5, 1, 10, 12, 2, 4],
    );
    await assertRejects(
      async () => await (await chord([spoil.s()], list.s()).delay()).get(WAIT),
      Error,
      "no",
    );
    await assertRejects(
      async () => await (await grow.delay(1)).get(WAIT),
      ConfigError,
      "no body of a chord waits for the task",
    );
  });
}

Deno.test("what takes no place is refused where it was written", async () => {
  const { app } = makeApp(true);
  await using _ = app;
  const wrong = app.task(
    "wrong",
    { bind: true },
    (self) => self.replace(42 as never),
  );
  await assertRejects(
    async () => await (await wrong.delay()).get(WAIT),
    ConfigError,
    'replace() of task "wrong" takes a signature',
  );
});

Deno.test("map() and starmap() take nothing of the step before them", async () => {
  const { app, add, double, list } = makeApp(false);
  await using _ = app;
  await using _worker = await app.worker({ pool: "async" });
  const mapped = chain(add.s(1, 1), map(double, [1, 2]), list.s());
  assertEquals(await (await mapped.delay()).get(WAIT), [2, 4]);
  const spread = chain(add.s(1, 1), starmap(add, [[1, 2]]), list.s());
  assertEquals(await (await spread.delay()).get(WAIT), [3]);
});
