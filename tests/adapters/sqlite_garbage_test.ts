/**
 * Rows that somebody put in by hand: they are handed out like all others, so
 * that the core can say what is wrong with them.
 */

import { DatabaseSync } from "node:sqlite";
import { assertEquals } from "@std/assert";
import type { Delivery } from "../../src/contracts/mod.ts";
import {
  message,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

const ROWS: readonly string[] = [
  "('plain', 't', 'default', 5, null, null, 'no json at all')",
  "('', 't', 'default', 5, null, null, '{}')",
  "('no task', null, 'default', 5, null, null, '{}')",
  "('urgent', 't', 'default', 99, null, null, '{}')",
  "('huge', 't', 'default', 9223372036854775807, null, null, '{}')",
  "('words', 't', 'default', 'high', 'soon', null, '{}')",
  "('nothing', null, 'default', null, null, null, null)",
  "('blob', x'00ff', 'default', 5, x'01', null, x'ff00fe')",
  "('not text', 't', 'default', 5, null, null, cast(x'ff41' as text))",
  "(null, 't', 'default', 5, null, null, '{}')",
  "(x'ff00', 't', 'default', 5, null, null, '{}')",
  "(cast(x'ff41' as text), 't', 'default', 5, null, null, '{}')",
  "('a' || char(0) || 'b', 't', 'default', 5, null, null, '{}')",
  "('7', 7, 'default', 1.5, 2.5, null, 7)",
];

function insert(path: string): void {
  const db = new DatabaseSync(path);
  for (const row of ROWS) {
    db.exec(
      "insert into lovage_task (id, task, queue, priority, eta, due, " +
        `body) values ${row}`,
    );
  }
  db.close();
}

function assertWellFormed(one: Delivery): void {
  for (const name of ["id", "task", "queue", "body"] as const) {
    assertEquals(typeof one[name], "string", `${one.id}: ${name}`);
  }
  for (const name of ["priority", "token", "losses"] as const) {
    assertEquals(typeof one[name], "number", `${one.id}: ${name}`);
  }
  assertEquals(one.eta === null || typeof one.eta === "number", true, one.id);
}

Deno.test("garbage is handed out, and can be settled", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    insert(path);
    await store.broker.publish([message("good")]);
    const deliveries = await reserve(store);
    assertEquals(deliveries.length, ROWS.length + 1);
    for (const one of deliveries) assertWellFormed(one);
    assertEquals(
      new Set(deliveries.map((one) => one.id)).size,
      ROWS.length + 1,
    );
    const plain = deliveries.find((one) => one.id === "plain");
    assertEquals(plain?.body, "no json at all");
    const urgent = deliveries.find((one) => one.id === "urgent");
    assertEquals(urgent?.priority, 99);
    const dead = { kind: "dead", reason: "DecodeError", detail: "?" } as const;
    const answer = await store.broker.settle(
      "c1",
      deliveries.map((one) => settlement(one, dead)),
    );
    const lost = deliveries.filter((_, at) => !answer[at]);
    assertEquals(lost, []);
    const letters = await store.deadLetters.list({ limit: 100 });
    assertEquals(letters.items.length, ROWS.length + 1);
    await store.deadLetters.redrive(null);
    assertEquals((await reserve(store)).length, ROWS.length + 1);
  }));

Deno.test("garbage can be looked at and dropped", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    insert(path);
    const { items } = await store.inspector.tasks(
      { status: "queued" },
      { limit: 100 },
    );
    assertEquals(items.length, ROWS.length);
    assertEquals((await store.inspector.queues())[0]?.queued, ROWS.length);
    await store.inspector.tasks(
      { status: "queued", queue: "default" },
      { limit: 3 },
    );
    assertEquals(await store.broker.purge(["default"]), ROWS.length);
  }));
