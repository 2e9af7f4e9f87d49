import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { isTaskId, uuid7 } from "../../src/message/ids.ts";

const UUID7 =
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

Deno.test("uuid7: valid, unique and ascending", () => {
  const ids = Array.from({ length: 100_000 }, () => uuid7());
  for (const id of ids) assertMatch(id, UUID7);
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(ids, ids.toSorted());
});

Deno.test("uuid7: carries its time", () => {
  const now = Date.now() + 60_000;
  const id = uuid7(now);
  assertEquals(parseInt(id.replaceAll("-", "").slice(0, 12), 16), now);
  assertLess(id, uuid7(now + 1));
});

Deno.test("uuid7: ascends when the clock is set back", () => {
  const now = Date.now() + 120_000;
  const ids = [now, now - 1, 0, NaN, now + 0.5, now + 1].map(uuid7);
  assertEquals(ids, ids.toSorted());
  assertEquals(new Set(ids).size, ids.length);
  for (const id of ids) assertMatch(id, UUID7);
});

Deno.test("isTaskId: text without control characters", () => {
  for (const id of ["a", "charge-42", "задача 1", "🥬", "x".repeat(255)]) {
    assert(isTaskId(id), id);
  }
  for (
    const id of ["", "x".repeat(256), "a\nb", "\u0000", "\u0085", "\ud800", 1]
  ) {
    assert(!isTaskId(id));
  }
});
