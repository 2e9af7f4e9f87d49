import { assert, assertEquals } from "@std/assert";
import { Series } from "../../src/telemetry/series.ts";
import { Tally } from "../../src/telemetry/tally.ts";
import { Thinning } from "../../src/telemetry/thinning.ts";

/** How many are taken of so many in each 100 ms. */
function taken(thinning: Thinning, from: number, count: number): number {
  let taken = 0;
  for (let n = 0; n < count; n++) {
    if (thinning.takes(from + Math.floor(n * 100 / count))) taken++;
  }
  return taken;
}

Deno.test("few measurements are all taken, of very many an even share", () => {
  const thinning = new Thinning();
  assertEquals(taken(thinning, 1_000, 50), 50);
  assertEquals(taken(thinning, 1_100, 50), 50);
  // What comes is not known before it has come.
  assertEquals(taken(thinning, 1_200, 10_000), 10_000);
  assertEquals(taken(thinning, 1_300, 10_000), 50);
  assertEquals(taken(thinning, 1_400, 50), 1);
  assertEquals(taken(thinning, 1_500, 50), 50);
});

Deno.test("after a pause all are taken again", () => {
  const thinning = new Thinning();
  taken(thinning, 1_000, 10_000);
  assertEquals(taken(thinning, 5_000, 100), 100);
});

Deno.test("a tally tells a counter once for many", () => {
  const told: unknown[] = [];
  const counter = { add: (...args: unknown[]) => void told.push(args) };
  const [one, other] = [{ task: "one" }, { task: "other" }];
  const tally = new Tally();
  const ones = tally.count(counter, one);
  for (let n = 0; n < 5; n++) ones.add();
  tally.count(counter, other).add(3);
  assertEquals(told, []);
  tally.flush();
  assertEquals(told, [[5, one], [3, other]]);
  ones.add();
  tally.flush();
  tally.flush();
  assertEquals(told.slice(2), [[1, one]]);
});

Deno.test("series are found again, and forgotten when there are very many", () => {
  let made = 0;
  const series = new Series(() => ++made);
  assertEquals(series.of("q", "t", "k"), series.of("q", "t", "k"));
  assert(series.of("q", "t", "k") !== series.of("t", "q", "k"));
  for (let n = 0; n < 10_000; n++) series.of("q", `t${n}`, "k");
  assert(made < 10_010);
  assertEquals(series.of("q", "t9999", "k"), made);
});

Deno.test("what is not flushed is told by itself", async () => {
  const tally = new Tally();
  const told = await new Promise((resolve) => {
    const counter = { add: (...args: unknown[]) => resolve(args) };
    tally.count(counter, { task: "one" }).add(2);
  });
  assertEquals(told, [2, { task: "one" }]);
});
