import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError, Lovage } from "@lovage/lovage";
import {
  assertEnqueued,
  drain,
  enqueued,
  FakeClock,
  testApp,
} from "../../src/testing/mod.ts";
import { untyped } from "../_helpers.ts";
import { systemClock } from "../../src/service/clock.ts";

Deno.test("testApp() gives an app a store of its own and a clock that stands", async () => {
  const app = new Lovage("shop", { brokerUrl: "sqlite:///nowhere/at/all.db" });
  const add = app.task("add", (a: number, b: number) => a + b);
  await using test = testApp(app);
  const result = await add.applyAsync([1, 2], { countdown: 60 });
  await assertEnqueued(app, add, { args: [1, 2], countdown: 60 });
  const start = test.clock.now();
  await drain(app, { withScheduled: true });
  assertEquals(await result.get(), 3);
  assertEquals(test.clock.now() - start, 60_000);
});

Deno.test("testApp() starts from nothing each time and gives the settings back", async () => {
  const own = new FakeClock(7);
  const app = new Lovage("shop", { brokerUrl: "memory://", clock: own });
  const before = app.conf;
  const add = app.task("add", (a: number, b: number) => a + b);
  for (const eager of [undefined, true, false]) {
    await using _test = testApp(app, { eager });
    assertEquals(await enqueued(app), []);
    await add.delay(1, 2);
    assertEquals((await enqueued(app)).length, eager === true ? 0 : 1);
  }
  assertEquals(app.conf, before);
});

Deno.test("testApp({ eager }) runs tasks at the call and throws their errors", async () => {
  const app = new Lovage("shop");
  const half = app.task("half", (n: number) => {
    if (n % 2 === 1) throw new RangeError("odd");
    return n / 2;
  });
  await using _test = testApp(app, { eager: true });
  assertEquals(await (await half.delay(4)).get(), 2);
  await assertRejects(() => half.delay(3), RangeError, "odd");
});

Deno.test("testApp() takes a clock", async () => {
  const app = new Lovage("shop");
  await using test = testApp(app, { clock: systemClock });
  assertEquals(test.clock, systemClock);
});

Deno.test("testApp() refuses an app that is in use, and options it does not know", async () => {
  await using app = new Lovage("shop", { brokerUrl: "memory://" });
  assertThrows(
    () => testApp(app, untyped({ eagre: true })),
    ConfigError,
    'Did you mean "eager"?',
  );
  await app.sendTask("anything");
  assertThrows(() => testApp(app), ConfigError, "is in use already");
});
