/** How the later steps of a long chain fail: together, not one by one. */

import {
  type AnySignature,
  chain,
  chord,
  ChordError,
  Lovage,
  UpstreamFailedError,
} from "@lovage/lovage";
import { memoryStore } from "@lovage/lovage/memory";
import { assertEquals, assertRejects } from "@std/assert";
import { drain } from "../../src/testing/mod.ts";

const STEPS = 1_000;
const WAIT = { timeout: "10s" } as const;

function makeApp() {
  const store = memoryStore();
  let deliveries = 0;
  const settle = store.broker.settle.bind(store.broker);
  store.broker.settle = (consumer, batch) => {
    deliveries += batch.length;
    return settle(consumer, batch);
  };
  const app = new Lovage("downstream", { store });
  const fail = app.task("fail", (): number => {
    throw new RangeError("no");
  });
  const inc = app.task("inc", (n: number) => n + 1);
  const list = app.task("list", (all: number[]) => all);
  const quiet = app.task(
    "quiet",
    { ignoreResult: true, storeErrorsEvenIfIgnored: false },
    (n: number) => n,
  );
  const long = (first: AnySignature, length: number = STEPS) =>
    chain(first, ...Array.from({ length: length - 1 }, () => inc.s()));
  return { app, fail, inc, list, quiet, long, deliveries: () => deliveries };
}

Deno.test("a long chain fails in few deliveries", async () => {
  const { app, fail, long, deliveries } = makeApp();
  await using _ = app;
  const last = await long(fail.s()).delay();
  await using _worker = await app.worker({ pool: "async" });
  await assertRejects(() => last.get(WAIT), Error, "fail");
  assertEquals(await app.results.countByState(), { FAILURE: STEPS });
  // The one that failed, and each of those that took 500 others with it.
  assertEquals(deliveries(), 3);
  // Each leads to the one before it.
  let { id } = last;
  for (let left = STEPS - 1; left > 0; left--) {
    const { info, meta } = await app.AsyncResult(id).inspect();
    assertEquals((info as Error).name, "UpstreamFailedError");
    const before = app.AsyncResult(meta.parentId ?? "");
    assertEquals((await before.inspect()).meta.children, [id]);
    id = before.id;
  }
  await assertRejects(() => app.AsyncResult(id).get(WAIT), RangeError);
});

Deno.test("what fails late in a chord's header fails its body", async () => {
  const { app, fail, list, long } = makeApp();
  await using _ = app;
  const body = await chord([long(fail.s(), 20)], list.s()).delay();
  await using _worker = await app.worker({ pool: "async" });
  await assertRejects(() => body.get(WAIT), Error, "UpstreamFailedError");
});

Deno.test("of later steps that store no errors there is no record", async () => {
  const { app, fail, inc, quiet, deliveries } = makeApp();
  await using _ = app;
  const steps = chain(fail.s(), inc.s(), quiet.s(), inc.s());
  const last = await steps.delay();
  await using _worker = await app.worker({ pool: "async" });
  await assertRejects(() => last.get(WAIT), Error, "fail");
  assertEquals(await app.results.countByState(), { FAILURE: 3 });
  assertEquals(deliveries(), 2);
});

Deno.test("a dead letter that is sent again goes on with its chain, not with its chord", async () => {
  const store = memoryStore();
  const config = { store, taskUnknownTimeout: 0 };
  await using old = new Lovage("old", config);
  await using app = new Lovage("new", config);
  for (const each of [old, app]) {
    each.task("inc", (n: number) => n + 1);
    each.task("list", (all: number[]) => all);
  }
  app.task("later", (n: number) => n * 10);
  const later = app.signature<number>("later", [1]);
  const inc = app.signature<number>("inc");
  const last = await chain(later, inc).delay();
  const body = await chord([chain(later, inc)], app.signature("list")).delay();
  await drain(old);
  await assertRejects(() => last.get(WAIT), UpstreamFailedError);
  await assertRejects(() => body.get(WAIT), ChordError);
  assertEquals(await store.deadLetters.redrive(null), 2);
  await drain(app);
  assertEquals(await last.get(WAIT), 11);
  await assertRejects(() => body.get(WAIT), ChordError);
});
