/** How much a worker holds, by how fast its tasks and its store are. */

import { assert, assertEquals } from "@std/assert";
import { Demand } from "../../src/worker/demand.ts";

/** A worker of four slots whose tasks have ended at this pace for a while. */
function working(perMs: number, multiplier: number | null = null): Demand {
  const demand = new Demand(4, multiplier, 0);
  for (let now = 10; now <= 1000; now += 10) demand.ended(perMs * 10, now);
  return demand;
}

/** The same, with a store that takes so long (ms) to answer. */
function far(perMs: number, ms: number, multiplier: number | null = null) {
  const demand = working(perMs, multiplier);
  for (let call = 0; call < 50; call++) demand.reserved(ms);
  return demand;
}

Deno.test("a worker that knows nothing yet takes one for each slot", () => {
  const demand = new Demand(4, null, 0);
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
});

Deno.test("a store that is far is asked before what is held is done", () => {
  const near = far(100, 1);
  assertEquals(near.room(251, Infinity), 0);
  assertEquals(near.room(250, Infinity), 250);
  // 400 end while it answers: it is asked when that many are left.
  const busy = far(100, 4);
  assert(busy.room(390, Infinity) >= 250, "it is not asked in time");
  assertEquals(busy.room(410, Infinity), 0);
});

Deno.test("however far the store is, twice a load is the most", () => {
  assertEquals(far(100, 10_000).room(0, Infinity), 1000);
});

Deno.test("who says how much is held ahead is obeyed", () => {
  assertEquals(far(100, 100, 2).room(0, Infinity), 8);
});
