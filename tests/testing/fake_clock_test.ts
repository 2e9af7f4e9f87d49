import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeClock } from "../../src/testing/mod.ts";
import { untyped } from "../_helpers.ts";

Deno.test("a clock refuses to advance by what is no number of ms", async () => {
  const clock = new FakeClock(0);
  for (const ms of ["5s", "5", NaN, Infinity, undefined]) {
    const shown = typeof ms === "string" ? JSON.stringify(ms) : String(ms);
    const sentence =
      `A clock advances by a number of milliseconds, such as 5_000, not by ${shown}`;
    assertThrows(() => clock.advance(untyped(ms)), TypeError, sentence);
    await assertRejects(
      () => clock.advanceAsync(untyped(ms)),
      TypeError,
      sentence,
    );
  }
  assertEquals(clock.now(), 0);
});
