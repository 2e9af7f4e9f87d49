/**
 * Without LISTEN, as behind a pooler in transaction mode: everything still
 * arrives, by polling.
 */

import { assert, assertEquals } from "@std/assert";
import {
  eventually,
  ids,
  letWait,
  message,
  record,
  reserve,
  soon,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

test("work, results and the bus arrive by polling", async ({ open }) => {
  const store = await open({ listen: false });
  const other = await open();
  const waiting = reserve(store, { wait: true });
  await letWait();
  await other.broker.publish([message("a")]);
  assertEquals(ids(await soon("the message", waiting)), ["a"]);
  let told = 0;
  const end = await store.results.subscribe(() => told++);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await other.results.store([record("a")]);
  await eventually("the end", () => told > 0);
  end();
  const heard: string[] = [];
  await other.bus.broadcast("news", "before");
  const unsubscribe = await store.bus.subscribe("news", (p) => heard.push(p));
  await other.bus.broadcast("news", "one");
  await store.bus.broadcast("news", "two");
  await eventually("both", () => heard.length === 2);
  assertEquals(heard, ["one", "two"]);
  unsubscribe();
});

test("nothing of a session is used", async ({ server, open }) => {
  const store = await open({ listen: false, max: 1 });
  await store.broker.publish([message("a")]);
  await reserve(store);
  await store.results.subscribe(() => {});
  await store.bus.subscribe("t", () => {});
  const last = await server.psql(`select string_agg(query, ';')
    from pg_stat_activity where application_name = 'lovage'`);
  assert(!/listen/i.test(last), last);
});
