import { assertEquals } from "@std/assert";
import { StoreError } from "@lovage/lovage";
import { FakeClock } from "../../src/testing/mod.ts";
import { StoreLink } from "../../src/worker/store_link.ts";
import { LogBook } from "../beat/fixtures/log_book.ts";

const QUIET = 5_000;
const full = new StoreError("The store is full");

Deno.test("a store that refuses heartbeats is in trouble, whatever else it answers", () => {
  const link = new StoreLink("redis://db", new FakeClock(), QUIET);
  link.failed("heartbeats", full, "The heartbeat failed");
  link.answered("tasks");
  assertEquals(link.trouble, "The store is full");
  link.answered("heartbeats");
  assertEquals(link.trouble, null);
});

Deno.test("a store that answers and fails by turns is not said to be back", async () => {
  await using log = await LogBook.open();
  const clock = new FakeClock();
  const link = new StoreLink("redis://db", clock, QUIET);
  for (let n = 0; n < 10; n++) {
    link.failed("writes", full, "Results are not stored");
    clock.advance(1_000);
    link.answered("writes");
    clock.advance(1_000);
  }
  assertEquals(log.lines("info", "error"), [
    "The store is full. The worker goes on trying",
  ]);
  clock.advance(QUIET);
  link.answered("writes");
  link.answered("writes");
  assertEquals(log.lines("info"), [
    // Since when it answers, not since when that is said.
    "The store redis://db is back after 19 s",
  ]);
});
