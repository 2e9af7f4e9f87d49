/**
 * Records of tasks that end: the first one of a task is inserted without a
 * look, so that those that are there already must be known.
 */

import { assertEquals } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import {
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite, type PostgresTest } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

const PROGRESS = { state: "PROGRESS", ended: false };

/** The tasks that are known to have a record. */
async function recorded({ server, schema }: PostgresTest): Promise<string> {
  return await server.psql(
    `select string_agg(id, ' ' order by id) from ${schema}.task where recorded`,
  );
}

/** Leases all that is there and ends it well, by one settlement. */
async function finish(store: Store): Promise<readonly boolean[]> {
  const batch = (await reserve(store)).map((one) =>
    settlement(one, { kind: "ack" }, { result: record(one.id) })
  );
  return await store.broker.settle("c1", batch);
}

async function states(store: Store, ids: readonly string[]): Promise<string[]> {
  return (await store.results.fetch(ids)).map((one) => one?.state ?? "");
}

test("what running tasks say of themselves is noted with them", async (given) => {
  const store = await given.open();
  await store.broker.publish([message("a"), message("b")]);
  const [a, b] = await reserve(store);
  await store.results.store([record("a", PROGRESS)]);
  await store.results.store([record("a", PROGRESS), record("gone", PROGRESS)]);
  assertEquals(await recorded(given), "a");
  const batch = [a!, b!].map((one) =>
    settlement(one, { kind: "ack" }, { result: record(one.id) })
  );
  assertEquals(await store.broker.settle("c1", batch), [true, true]);
  assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
});

test("a task that is tried again has a record", async (given) => {
  const store = await given.open();
  await store.broker.publish([message("a"), message("b")]);
  const [a, b] = await reserve(store);
  const again = { kind: "requeue", message: message("a") } as const;
  const result = record("a", { state: "RETRY", ended: false });
  await store.broker.settle("c1", [
    settlement(a!, again, { result }),
    settlement(b!, { kind: "release" }),
  ]);
  assertEquals(await recorded(given), "a");
  assertEquals(await finish(store), [true, true]);
  assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
});

test("a record that is older than its task is replaced all the same", async (given) => {
  const store = await given.open();
  await store.results.store([record("a", PROGRESS)]);
  await store.broker.publish([message("a"), message("b")]);
  assertEquals(await recorded(given), "");
  assertEquals(await finish(store), [true, true]);
  assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
  assertEquals((await reserve(store)).length, 0);
});
