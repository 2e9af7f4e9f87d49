/**
 * No statement looks at more rows than it must: every statement that the
 * store runs is caught and its query plan read.
 */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import {
  consumer,
  limited,
  message,
  rate,
  record,
  reserve,
  settlement,
  slots,
  unique,
} from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

/** What may look at all rows, or sort them, and why that is fine. */
const FINE: readonly RegExp[] = [
  // Counts for people, from the narrowest index.
  /count\(\*\)/,
  // There are as many consumers as workers, and no more.
  /from lovage_consumer/,
  // What one consumer, or all of them, hold: as much as is in flight.
  /indexed by lovage_task_held/,
  // Looks at one row.
  /select 1 from lovage_revoked limit 1/,
  /max\(seq\)/,
  // Tables of a few rows.
  /lovage_meta|sqlite_sequence|lovage_bus/,
  // As many as people have paused, for people.
  /^select queue from lovage_paused$/,
  // A window of fixed size, in the order of the table.
  /select seq from lovage_result where true/,
];

/** Runs the test and returns the text of every statement prepared in it. */
async function collectSql(test: () => Promise<void>): Promise<Set<string>> {
  const seen = new Set<string>();
  const { prototype } = DatabaseSync;
  const { prepare } = prototype;
  prototype.prepare = function (...args: Parameters<typeof prepare>) {
    seen.add(args[0]);
    return prepare.apply(this, args);
  };
  try {
    await test();
  } finally {
    prototype.prepare = prepare;
  }
  return seen;
}

/** Calls everything once, with and without options. */
async function useAll(store: Store, clock: FakeClock): Promise<void> {
  const { broker, results, inspector, deadLetters } = store;
  const eta = clock.now() + 10;
  await broker.heartbeat(consumer("c1"));
  await broker.publish([message("z", { eta }), message("a")]);
  await broker.publish([message("a"), message("b"), message("c")]);
  const group = { id: "g", size: 2, body: message("body"), expiresAt: eta };
  await broker.publish([message("d"), message("e"), message("f")], {
    groups: [group],
  });
  clock.advance(10);
  const cancels = ["a", "c", "none"].map((id) => (
    { id, terminate: false, rememberUntil: eta + 1e6, result: record(id) }
  ));
  await broker.cancel(cancels);
  await broker.publish([message("y", { eta: eta + 10 })]);
  await broker.cancel([
    { id: "y", terminate: false, rememberUntil: 0, keep: true },
  ]);
  await broker.pause(["other"], true);
  const held = await reserve(store);
  await broker.pause(["other"], false);
  await broker.cancel([{ id: "b", terminate: true, rememberUntil: 0 }]);
  await broker.heartbeat(consumer("c1"));
  const kinds = [
    { kind: "ack" },
    { kind: "release" },
    { kind: "requeue", message: message("x") },
    { kind: "dead", reason: "Error", detail: "It" },
  ] as const;
  await broker.settle(
    "c1",
    held.slice(0, 4).map((one, at) =>
      settlement(one, kinds[at], {
        result: record(one.id, { ended: at === 0 }),
        publish: [message(`next ${at}`)],
        ends: [{ group: "g", index: at, failed: false }],
      })
    ),
  );
  clock.advance(20_000);
  await broker.reap();
  await broker.leave("c1");
  for (const status of ["queued", "scheduled", "running"] as const) {
    await inspector.tasks({ status }, { limit: 1 });
    await inspector.tasks({ status, queue: "default" }, { limit: 1 });
  }
  await inspector.find(["a", "b", "z"]);
  await inspector.queues();
  await inspector.consumers();
  await results.fetch(["a", "b"]);
  await results.query({}, { limit: 1 });
  await results.query({ state: "SUCCESS", task: "x" }, { limit: 1 });
  await results.query({ state: "FAILURE", since: 0, until: 9 }, { limit: 1 });
  await results.countByState();
  await results.openGroups([group]);
  await results.endMembers([{ group: "g", index: 0, failed: true }]);
  await results.expire(10);
  await results.forget(["a"]);
  await deadLetters.list({ limit: 1 });
  await deadLetters.redrive(null);
  await deadLetters.purge(null);
  await useTerms(store, clock);
  await broker.purge(["default"]);
}

/** The same with limits and unique keys. */
async function useTerms(store: Store, clock: FakeClock): Promise<void> {
  const { broker, inspector } = store;
  const all = [slots("k", 1), rate("r", 2)];
  const eta = clock.now() + 10;
  await broker.publish([
    ...["l1", "l2", "l3", "l4"].map((id) => limited(id, ...all)),
    { ...limited("l5", ...all), eta },
    unique("u1", "k", { waiting: true }),
    unique("u2", "until", { until: eta }),
  ]);
  await broker.publish([{ ...limited("l2", slots("k", 1)), replace: true }]);
  const held = await reserve(store);
  clock.advance(10);
  await reserve(store);
  await broker.cancel([
    { id: "l3", terminate: false, rememberUntil: 0 },
    { id: "l4", terminate: false, rememberUntil: 0, keep: true },
  ]);
  await broker.settle("c1", held.map((one) => settlement(one)));
  await broker.holders(["k"]);
  await inspector.limits(all);
  clock.advance(10_000);
  await broker.reap();
  await broker.publish([limited("l6", ...all)]);
}

Deno.test("every statement is served by an index", () =>
  withStores(async ({ path, open }) => {
    const clock = new FakeClock();
    const statements = await collectSql(async () => {
      const store = await open({ clock });
      const unlisten = await store.results.subscribe(() => {});
      await useAll(store, clock);
      unlisten();
    });
    const db = new DatabaseSync(path);
    let explained = 0;
    for (const sql of statements) {
      if (!/^\s*(select|insert|update|delete)/i.test(sql)) continue;
      const plan = db.prepare(`explain query plan ${sql}`).all()
        .map((row) => String(row["detail"]));
      explained++;
      if (FINE.some((pattern) => pattern.test(sql))) continue;
      for (const step of plan) {
        const scans = /^SCAN (?!json_each|CONSTANT|\d+ CONSTANT)/.test(step) &&
          !/limit/.test(sql);
        const sorts = /USE TEMP B-TREE/.test(step);
        assert(!scans && !sorts, `${sql}\n${plan.join("\n")}`);
      }
    }
    db.close();
    assert(explained > 40, `Only ${explained} statements were seen`);
  }));

Deno.test("what is leased comes from the index of what is ready", () =>
  withStores(async ({ path, open }) => {
    const statements = await collectSql(async () => {
      const store = await open();
      await store.broker.publish([message("a")]);
      await reserve(store);
    });
    const lease = [...statements].find((sql) => /set consumer = \?/.test(sql));
    const db = new DatabaseSync(path);
    const plan = db.prepare(`explain query plan ${lease}`).all()
      .map((row) => String(row["detail"]));
    db.close();
    assertEquals(plan, [
      "SEARCH lovage_task USING INTEGER PRIMARY KEY (rowid=?)",
      "LIST SUBQUERY 1",
      "SEARCH lovage_task USING INDEX lovage_task_ready (queue=?)",
    ]);
  }));
