/**
 * What limits and unique keys leave behind in the databases, and what it costs
 * to find what has room.
 */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Limit, Store } from "../../src/contracts/mod.ts";
import {
  cancellation,
  ids,
  limited,
  message,
  rate,
  reserve,
  settlement,
  slots,
  unique,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";
import { withStores } from "./fixtures/temp_store.ts";

const test = postgresSuite("autovacuum = off");

const HOUR = 3_600_000;

/** Everything that may happen to such messages, until nothing is left. */
async function liveAndEnd(store: Store, clock: FakeClock): Promise<void> {
  const { broker } = store;
  const until = clock.now() + HOUR;
  const limits: readonly Limit[] = [slots("k", 2), rate("r", 3)];
  await broker.publish([
    ...["a", "b", "c", "d", "e", "f"].map((id) => limited(id, ...limits)),
    { ...limited("later", slots("k", 1)), eta: clock.now() + 5_000 },
    limited("g", slots("other", 1), slots("k", 5)),
    unique("u", "key"),
    unique("w", "waits", { waiting: true }),
    { ...unique("t", "timed", { until }), limits },
    unique("v", "key"),
  ]);
  await broker.publish([{ ...unique("u", "new"), replace: true }]);
  for (let round = 0; round < 100; round++) {
    const held = await reserve(store, { limit: 3 });
    await broker.settle(
      "c1",
      held.map((one, at) =>
        settlement(
          one,
          round === 0 && at > 0 ? { kind: "release" } : { kind: "ack" },
        )
      ),
    );
    if (round === 1) {
      await broker.cancel([
        cancellation("f"),
        cancellation("e", { keep: true }),
      ]);
    }
    clock.advance(500);
    const [queue] = await store.inspector.queues();
    if (queue === undefined) break;
  }
  assertEquals(await store.inspector.queues(), []);
  await broker.publish([limited("last", slots("k", 1))]);
  await broker.purge(["default"]);
  assertEquals(await broker.holders(["timed", "key"]), ["t", undefined]);
  await reserve(store);
  clock.advance(2_000);
  await broker.reap();
}

test("nothing of limits is left but keys with a time, and these go", async ({ server, schema, open }) => {
  const clock = new FakeClock();
  const store = await open({ clock });
  const count = () =>
    server.psql(
      ["line", "wait", "holder", "start", "event"].map((name) =>
        `select '${name}' from ${schema}.limit_${name};`
      ).join("\n") + `select key from ${schema}.unique_key;`,
    );
  await liveAndEnd(store, clock);
  assertEquals(await count(), "timed");
  clock.advance(HOUR);
  await store.broker.reap();
  await store.broker.reap();
  assertEquals(await count(), "");
  assertEquals(await server.psql(`select * from ${schema}.paused`), "");
});

Deno.test("sqlite: nothing of limits is left but keys with a time, and these go", () =>
  withStores(async ({ path, open }) => {
    const clock = new FakeClock();
    const store = await open({ clock });
    const count = () => {
      const db = new DatabaseSync(path);
      const tables = ["line", "limit", "limit_holder", "limit_start"];
      const left = [
        ...tables.filter((name) =>
          db.prepare(`select 1 from lovage_${name}`).get() !== undefined
        ),
        ...db.prepare("select key from lovage_unique_key").all()
          .map((row) => row["key"]),
      ];
      db.close();
      return left;
    };
    await liveAndEnd(store, clock);
    assertEquals(count(), ['"timed"']);
    clock.advance(HOUR);
    await store.broker.reap();
    assertEquals(count(), []);
  }));

/** Rows of a schema that were read so far, by whatever way. */
const READ = (schema: string) => `
  select pg_stat_force_next_flush();
  select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint
  from pg_stat_all_tables where schemaname = '${schema}'`;

for (const [what, keys] of [["one key", 1], ["10,000 keys", 10_000]] as const) {
  test(`what is held back by ${what} is not looked at`, async ({ server, schema, open }) => {
    const store = await open({ max: 1 });
    const { broker } = store;
    const shared = slots("all", 1);
    for (let at = 0; at < 20_000; at += 5_000) {
      await broker.publish(Array.from({ length: 5_000 }, (_, n) => {
        const own = slots(`k${(at + n) % keys}`, 1);
        return limited(`m${at + n}`, own, shared);
      }));
    }
    const [first] = await reserve(store);
    if (!first) throw new Error("Expected a delivery");
    // Each line is looked at once before it waits.
    for (let n = 0; n < 400; n++) {
      if ((await reserve(store)).length > 0) throw new Error("No room");
      const left = await server.psql(
        `select 1 from ${schema}.limit_event limit 1;
         select 1 from ${schema}.limit_line where shut is null limit 1`,
      );
      if (left === "") break;
    }
    const read = async () => {
      // A session tells what it has read no sooner than a second after it has
      // last told, and only at the end of a statement.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await broker.holders(["nobody's"]);
      return Number((await server.psql(READ(schema))).split("\n").at(-1));
    };
    await server.psql(`analyze ${schema}.task, ${schema}.limit_line`);
    let held = first;
    const before = await read();
    for (let n = 0; n < 10; n++) {
      await broker.publish([message(`plain ${n}`)]);
      assertEquals(ids(await reserve(store)), [`plain ${n}`]);
      await broker.settle("c1", [settlement(held)]);
      const [next, ...none] = await reserve(store);
      assertEquals(none, []);
      if (!next) throw new Error("Expected a delivery");
      held = next;
    }
    const rows = await read() - before;
    assert(rows < 10 * 300, `${rows} rows were read`);
  });
}
