/** How a large canvas is sent: in parts, each of them once. */

import { chord, Lovage } from "@lovage/lovage";
import { memoryStore } from "@lovage/lovage/memory";
import { assertEquals } from "@std/assert";
import { faultyStore } from "../_helpers.ts";

Deno.test("a part that was accepted is not sent again for one that was not", async () => {
  const inner = memoryStore();
  const publish = inner.broker.publish.bind(inner.broker);
  const { store, faults } = faultyStore(inner);
  const accepted: number[] = [];
  inner.broker.publish = (batch, options) => {
    accepted.push(batch.length);
    if (accepted.length === 1) faults.fail("broker.publish", 1);
    return publish(batch, options);
  };
  await using app = new Lovage("parts", { store });
  const square = app.task("square", (n: number) => n * n);
  const count = app.task("count", (all: readonly number[]) => all.length);
  const header = Array.from({ length: 1_500 }, (_, n) => square.s(n));
  await chord(header, count.s()).delay();
  assertEquals(accepted, [1_000, 500]);
});
