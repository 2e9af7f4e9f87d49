import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { Batcher, type BatcherOptions } from "../../src/service/batcher.ts";

/** A batcher whose flushes end when they are told to. */
function heldBatcher(options: BatcherOptions = {}) {
  const flights: {
    readonly batch: readonly number[];
    readonly land: () => void;
    readonly crash: (error: Error) => void;
  }[] = [];
  const batcher = new Batcher<number, number>((batch) => {
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly number[]
    >();
    const land = () => resolve(batch.map((item) => item * 2));
    flights.push({ batch, land, crash: reject });
    return promise;
  }, options);
  const sizes = () => flights.map(({ batch }) => batch.length);
  return { batcher, flights, sizes };
}

/** All that is due in this turn of the event loop has happened. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

Deno.test("calls of one turn share a flush, those that come later the next", async () => {
  const { batcher, flights, sizes } = heldBatcher();
  const first = [batcher.add([1]), batcher.add([2, 3])];
  await settled();
  const second = [batcher.add([4]), batcher.add([5])];
  await settled();
  assertEquals(sizes(), [3]);
  flights[0]?.land();
  assertEquals(await Promise.all(first), [[2], [4, 6]]);
  await settled();
  assertEquals(sizes(), [3, 2]);
  flights[1]?.land();
  assertEquals(await Promise.all(second), [[8], [10]]);
  await batcher.idle();
});

Deno.test("with two lanes the calls of one turn are shared out", async () => {
  const { batcher, flights, sizes } = heldBatcher({ lanes: () => 2 });
  const calls = upTo(100).map((n) => batcher.add([n]));
  await settled();
  assertEquals(sizes(), [50, 50]);
  flights[1]?.land();
  assertEquals(await calls[50], [100]);
  const later = upTo(50).map((n) => batcher.add([n]));
  await settled();
  assertEquals(sizes(), [50, 50, 50], "the free lane takes them at once");
  for (const { land } of flights) land();
  await Promise.all([...calls, ...later]);
  await batcher.idle();
});

Deno.test("few calls are not shared out", async () => {
  const { batcher, flights, sizes } = heldBatcher({ lanes: () => 4 });
  const calls = upTo(32).map((n) => batcher.add([n]));
  await settled();
  assertEquals(sizes(), [32]);
  flights[0]?.land();
  await Promise.all(calls);
});

Deno.test("a call is never divided, whatever the largest batch is", async () => {
  const { batcher, flights, sizes } = heldBatcher({
    maxBatch: 10,
    lanes: () => 2,
  });
  const calls = [batcher.add(upTo(25)), batcher.add([1]), batcher.add([2])];
  await settled();
  assertEquals(sizes(), [25, 2]);
  for (const { land } of flights) land();
  await Promise.all(calls);
});

Deno.test("an error is that of the calls in its flush alone", async () => {
  const { batcher, flights } = heldBatcher({ lanes: () => 2 });
  const calls = [batcher.add(upTo(40)), batcher.add(upTo(40))];
  await settled();
  flights[0]?.crash(new Error("cut"));
  flights[1]?.land();
  await assertRejects(() => calls[0] ?? Promise.resolve(), Error, "cut");
  assertEquals((await calls[1])?.length, 40);
  await batcher.idle();
});

Deno.test("every call gets the answers of its own items, in order", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.array(fc.integer(), { maxLength: 60 }), { maxLength: 40 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 50 }),
    async (calls, lanes, maxBatch) => {
      let inFlight = 0;
      let most = 0;
      const batcher = new Batcher<number, number>(async (batch) => {
        most = Math.max(most, ++inFlight);
        await Promise.resolve();
        inFlight--;
        return batch.map((item) => -item);
      }, { maxBatch, lanes: () => lanes });
      const answers = await Promise.all(calls.map((call) => batcher.add(call)));
      assertEquals(answers, calls.map((call) => call.map((item) => -item)));
      assertEquals(most <= lanes, true);
      await batcher.idle();
      assertEquals(inFlight, 0);
    },
  ));
});

Deno.test("a flush that throws or answers with nothing fails its calls, not the next", async () => {
  const flushes = [
    () => {
      throw new Error("no store");
    },
    () => Promise.resolve(undefined as never),
    (batch: readonly number[]) => Promise.resolve(batch),
  ];
  const batcher = new Batcher<number, number>((batch) =>
    flushes.shift()!(batch)
  );
  await assertRejects(() => batcher.add([1]), Error, "no store");
  const both = [batcher.add([2]), batcher.add([3])];
  const ends = await Promise.allSettled(both);
  assertEquals(ends.map(({ status }) => status), ["rejected", "rejected"]);
  assertEquals(await batcher.add([4]), [4]);
  await batcher.idle();
});
