/**
 * Pages over more rows than one call looks at.
 */

import { assert, assertEquals } from "@std/assert";
import type { Page, PageRequest } from "../../src/contracts/mod.ts";
import { message, record } from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

/** All items, and how many calls it took. */
async function readAll<T>(
  call: (page: PageRequest) => Promise<Page<T>>,
): Promise<{ items: T[]; calls: number }> {
  const items: T[] = [];
  let calls = 0;
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await call({ limit: 100, cursor: cursor ?? undefined });
    items.push(...page.items);
    cursor = page.cursor;
    calls++;
  }
  return { items, calls };
}

Deno.test("a filter that fits few records is answered window by window", () =>
  withStores(async ({ open }) => {
    const store = await open({ synchronous: "NORMAL" });
    const rare = new Set([0, 4_999, 5_000, 5_001, 9_999, 10_000, 12_499]);
    const batch = Array.from({ length: 12_500 }, (_, at) =>
      record(`r${at}`, {
        task: rare.has(at) ? "rare" : "common",
        state: at % 2 === 0 ? "SUCCESS" : "FAILURE",
      }));
    await store.results.store(batch);
    const all = await readAll((page) =>
      store.results.query({ task: "rare" }, page)
    );
    const expected = [...rare].reverse().map((at) => `r${at}`);
    assertEquals(all.items.map((one) => one.id), expected);
    assert(all.calls >= 3, `It took ${all.calls} calls`);
    const failures = await readAll((page) =>
      store.results.query({ task: "rare", state: "FAILURE" }, page)
    );
    assertEquals(
      failures.items.map((one) => one.id),
      expected.filter((id) => Number(id.slice(1)) % 2 === 1),
    );
    const counts = { SUCCESS: 6_250, FAILURE: 6_250 };
    assertEquals(await store.results.countByState(), counts);
  }));

Deno.test("queued tasks are listed past many that are scheduled", () =>
  withStores(async ({ open }) => {
    const store = await open({ synchronous: "NORMAL" });
    const eta = Date.now() + 3_600_000;
    const batch = Array.from(
      { length: 11_000 },
      (_, at) => message(`m${at}`, { eta: at % 5_500 === 5_499 ? null : eta }),
    );
    await store.broker.publish(batch);
    const all = await readAll((page) =>
      store.inspector.tasks({ status: "queued" }, page)
    );
    assertEquals(all.items.map((one) => one.id), ["m5499", "m10999"]);
    const scheduled = await readAll((page) =>
      store.inspector.tasks({ status: "scheduled" }, page)
    );
    assertEquals(scheduled.items.length, 10_998);
  }));
