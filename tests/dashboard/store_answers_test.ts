/** How long an action waits for a store, and that nothing is left of that. */

import { assertEquals } from "@std/assert";
import { whileAnswered } from "../../src/dashboard/store_answers.ts";
import type { DashboardContext } from "../../src/dashboard/context.ts";

/** Stores that answer when they are told to, and are counted. */
function slowStores() {
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
    context: { stores } as unknown as DashboardContext,
    asked: first.promise,
    count: () => asked,
    answer: () => answer.resolve([]),
  };
}

Deno.test("stores are not asked any more once an action is done", async () => {
  const slow = slowStores();
  const action = Promise.withResolvers<string>();
  const waiting = whileAnswered(slow.context, action.promise);
  await slow.asked;
  // Both at once: the question is answered when it is over already.
  action.resolve("done");
  slow.answer();
  assertEquals(await waiting, "done");
  assertEquals(slow.count(), 1);
  // A timer that were left would be a leak of this test.
});
