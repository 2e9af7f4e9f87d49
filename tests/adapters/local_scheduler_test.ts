/**
 * What the scheduler of the memory store and that of the SQLite store have in
 * common beyond the promises of the port.
 */

import fc from "fast-check";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Clock, Store } from "../../src/contracts/mod.ts";
import {
  ids,
  message,
  record,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { onLocalStores } from "./fixtures/local_stores.ts";
import { searchedBriefly } from "../_properties.ts";

const LEASE = 10_000;

/** A clock that is set by hand, also back. */
class SettableClock implements Clock {
  time = 1_000_000;

  now(): number {
    return this.time;
  }

  timer(): () => void {
    return () => {};
  }
}

function lead(store: Store, id: string) {
  return store.scheduler.lead({ id, name: `${id}@tests`, lease: LEASE });
}

async function allNames(store: Store, limit: number): Promise<string[]> {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = await store.scheduler.list(after, limit);
    names.push(...page.records.map(({ name }) => name));
    after = page.next;
  } while (after !== null);
  return names;
}

onLocalStores("a clock that was set back ends a lease", async (open) => {
  const clock = new SettableClock();
  const store = await open(clock);
  await lead(store, "a");
  clock.time -= 1_000;
  assertEquals((await lead(store, "b")).id, "a", "a second is no matter");
  clock.time -= 1;
  const nobody = await store.scheduler.leader();
  assertEquals([nobody.id, nobody.name, nobody.until], [null, "", 0]);
  const taken = await lead(store, "b");
  assertEquals([taken.id, taken.until], ["b", clock.time + LEASE]);
  assertEquals((await store.scheduler.leader()).id, "b");
});

onLocalStores("a leader renews though its clock was set back", async (open) => {
  const clock = new SettableClock();
  const store = await open(clock);
  await lead(store, "a");
  clock.time -= 3_600_000;
  const renewed = await lead(store, "a");
  assertEquals([renewed.id, renewed.until], ["a", clock.time + LEASE]);
  assertEquals((await lead(store, "b")).id, "a");
});

onLocalStores("a lease ends at its very end", async (open) => {
  const clock = new SettableClock();
  const store = await open(clock);
  const { until } = await lead(store, "a");
  clock.time = until - 1;
  assertEquals((await store.scheduler.leader()).id, "a");
  clock.time = until;
  assertEquals((await store.scheduler.leader()).id, null);
});

onLocalStores("who has resigned does not lead", async (open) => {
  const store = await open();
  await lead(store, "a");
  await store.scheduler.resign("a");
  const { id, name, until } = await store.scheduler.leader();
  assertEquals([id, name, until], [null, "", 0]);
});

onLocalStores("a batch is carried out in its order", async (open) => {
  const { scheduler } = await open();
  const revisions = await scheduler.put([
    { name: "a", body: "1", dueAt: 1 },
    { name: "a", body: "2", dueAt: 2, expected: null },
    { name: "a", body: "3", dueAt: 3, expected: 1 },
    { name: "b", body: "1", dueAt: 1, expected: null },
    { name: "b", body: "2", dueAt: 2 },
  ]);
  assertEquals(revisions, [1, null, 1, 1, 1]);
  const [a, b] = await scheduler.fetch(["a", "b"]);
  assertEquals([a?.body, a?.dueAt, b?.body, b?.dueAt], ["3", 3, "2", 2]);
  const firing = { name: "a", revision: 1, messages: [], state: "" };
  assertEquals(
    await scheduler.fire([
      { ...firing, dueAt: 3, nextAt: 4 },
      { ...firing, dueAt: 3, nextAt: 5 },
      { ...firing, dueAt: 4, nextAt: 6 },
    ]),
    [true, false, true],
  );
  assertEquals((await scheduler.fetch(["a"]))[0]?.dueAt, 6);
  assertEquals(await scheduler.remove(["a", "b", "a"]), [true, true, false]);
  assertEquals((await scheduler.leader()).revision, 2);
});

onLocalStores("an entry that is not due is not fired", async (open) => {
  const store = await open();
  const [revision] = await store.scheduler.put([
    { name: "a", body: "", dueAt: null },
  ]);
  assert(typeof revision === "number");
  const firing = { name: "a", revision, dueAt: 0, nextAt: 1, state: "" };
  const fired = await store.scheduler.fire([
    { ...firing, messages: [message("m")] },
  ]);
  assertEquals(fired, [false]);
  assertEquals(await reserve(store), []);
});

onLocalStores("a task that is fired again starts over", async (open) => {
  const store = await open();
  await store.results.store([
    record("ended"),
    record("running", { state: "STARTED", ended: false }),
  ]);
  await store.scheduler.put([{ name: "a", body: "", dueAt: 1 }]);
  const messages = [message("ended"), message("running")];
  await store.scheduler.fire([
    { ...{ name: "a", revision: 1, dueAt: 1, nextAt: 2, state: "" }, messages },
  ]);
  const [ended, running] = await store.results.fetch(["ended", "running"]);
  assertEquals([ended, running?.state], [undefined, "STARTED"]);
  assertEquals(ids(await reserve(store)), ["ended", "running"]);
});

onLocalStores("revisions are not used again", async (open) => {
  const { scheduler } = await open();
  const put = () => scheduler.put([{ name: "a", body: "", dueAt: 1 }]);
  const [first] = await put();
  await scheduler.remove(["a"]);
  const [second] = await put();
  assertNotEquals(first, second);
  assertEquals((await scheduler.fetch(["a"]))[0]?.revision, second);
  assertEquals((await scheduler.leader()).revision, second);
});

onLocalStores("ten thousand entries are one put", async (open) => {
  const { scheduler } = await open();
  const names = Array.from({ length: 10_000 }, (_, at) => `entry ${at}`);
  const entries = names.map((name) => ({ name, body: name, dueAt: 1 }));
  const revisions = await scheduler.put(entries);
  assertEquals([revisions.length, ...new Set(revisions)], [10_000, 1]);
  const found = await scheduler.fetch(names.toReversed());
  assertEquals(found.map((one) => one?.body), names.toReversed());
  const removed = await scheduler.remove(names);
  assertEquals([removed.length, ...new Set(removed)], [10_000, true]);
  const { revision } = await scheduler.leader();
  assertEquals([revision, await scheduler.list(null, 10)], [
    2,
    { records: [], next: null },
  ]);
});

onLocalStores(
  "pages follow the bytes of the names, whatever is put and removed",
  async (open) => {
    const store = await open();
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 4 })
      .map((name) => name.replaceAll("\0", "-"));
    // Close to where UTF-16 and UTF-8 differ in their order.
    const odd = fc.constantFrom("\ud7ff", "\ue000", "\uffff", "\u{10000}", "a");
    const near = fc.array(odd, { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(""));
    const names = fc.uniqueArray(fc.oneof(text, near), { maxLength: 30 });
    const property = fc.asyncProperty(
      names,
      names,
      fc.integer({ min: 1, max: 7 }),
      searchedBriefly(async (put, removed, limit) => {
        const entries = put.map((name) => ({ name, body: "", dueAt: null }));
        await store.scheduler.put(entries);
        await store.scheduler.remove([...removed, ...put.slice(0, 3)]);
        await store.scheduler.put(entries.slice(0, 2));
        const gone = new Set([...removed, ...put.slice(2, 3)]);
        const left = put.filter((name, at) => at < 2 || !gone.has(name));
        assertEquals(await allNames(store, limit), left.sort(byBytes));
        await store.scheduler.remove(put);
      }),
    );
    await fc.assert(property, { numRuns: 100 });
  },
);

function byBytes(a: string, b: string): number {
  const encoder = new TextEncoder();
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at === -1 ? left.length - right.length : left[at]! - (right[at] ?? -1);
}
