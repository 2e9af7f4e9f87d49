/** How much a worker holds, by how fast its tasks are. */

import { assert, assertEquals } from "@std/assert";
import { Demand } from "../../src/worker/demand.ts";

/** A worker of four slots whose tasks have ended at this pace for a while. */
function working(
  perMs: number,
  { multiplier = null as number | null, load = 250 } = {},
): Demand {
  const demand = new Demand(4, multiplier, load, 0);
  for (let now = 10; now <= 1000; now += 10) demand.ended(perMs * 10, now);
  return demand;
}

Deno.test("a worker that knows nothing yet takes one for each slot", () => {
  const demand = new Demand(4, null, 250, 0);
  assertEquals(demand.room(0, Infinity), 4);
  assertEquals(demand.room(4, Infinity), 0);
});

Deno.test("quick tasks are held for a tenth of a second, and half a load is asked for", () => {
  const demand = working(1);
  const { target } = demand;
  assert(target > 90 && target <= 104, `it holds ${target}`);
  assertEquals(demand.room(Math.ceil(target / 2) + 1, Infinity), 0);
  assertEquals(
    demand.room(Math.floor(target / 2), Infinity),
    target - Math.floor(target / 2),
  );
});

Deno.test("no more is held than is worth a call, however quick tasks are", () => {
  assertEquals(working(1000).target, 500);
  assertEquals(working(1000, { load: 600 }).target, 1200);
});

Deno.test("who says how much is held ahead is obeyed", () => {
  assertEquals(working(100, { multiplier: 2 }).target, 8);
});
