/** How long an action waits for a store, and that nothing is left of that. */

import { assertEquals } from "@std/assert";
import { FakeClock } from "@lovage/lovage/testing";
import { whileAnswered } from "../../src/dashboard/store_answers.ts";
import type { DashboardContext } from "../../src/dashboard/context.ts";

/** Stores that answer when they are told to, and are counted. */
function slowStores() {
  const clock = new FakeClock();
  let asked = 0;
  const answer = Promise.withResolvers<unknown[]>();
  const first = Promise.withResolvers<void>();
  const ask = () => {
    asked++;
    first.resolve();
    return answer.promise;
  };
  const stores = () =>
    Promise.resolve({
      broker: { inspector: { find: ask } },
      backend: { results: { fetch: () => Promise.resolve([]) } },
    });
  return {
    clock,
    context: {
      stores,
      internals: { clock: () => clock },
    } as unknown as DashboardContext,
    asked: first.promise,
    count: () => asked,
    answer: () => answer.resolve([]),
  };
}

/** All that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("stores are not asked any more once an action is done", async () => {
  const slow = slowStores();
  const action = Promise.withResolvers<string>();
  const waiting = whileAnswered(slow.context, action.promise);
  slow.clock.advance(1_500);
  await slow.asked;
  slow.answer();
  await settled();
  action.resolve("done");
  assertEquals(await waiting, "done");
  slow.clock.advance(60_000);
  await settled();
  assertEquals(slow.count(), 1);
});
