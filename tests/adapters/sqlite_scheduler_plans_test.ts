/**
 * With a hundred thousand entries, no statement of the scheduler looks at
 * more rows than it returns or changes.
 */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import { message } from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

const COUNT = 100_000;
const CHUNK = 10_000;

/** Runs the test and returns the text of every statement prepared in it. */
async function collectSql(test: () => Promise<void>): Promise<string[]> {
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
  return [...seen];
}

async function putMany(store: Store): Promise<void> {
  for (let start = 0; start < COUNT; start += CHUNK) {
    await store.scheduler.put(
      Array.from(
        { length: CHUNK },
        (_, at) => ({ name: `entry ${start + at}`, body: "{}", dueAt: 1 }),
      ),
    );
  }
}

/** Calls everything once, with and without options. */
async function useAll({ scheduler }: Store): Promise<void> {
  const entry = { name: "one", body: "{}", dueAt: 1 };
  const [revision] = await scheduler.put([{ ...entry, expected: null }]);
  await scheduler.put([{ ...entry, expected: revision }]);
  const [found] = await scheduler.fetch(["one", "none"]);
  assert(found);
  const { next } = await scheduler.list(null, 10);
  await scheduler.list(next, 10);
  const { name, revision: read } = found;
  const messages = [message("fired")];
  const fired = await scheduler.fire([
    { ...{ name, revision: read, dueAt: 1, nextAt: 2, state: "" }, messages },
  ]);
  assertEquals(fired, [true]);
  await scheduler.lead({ id: "a", name: "a@tests", lease: 1_000 });
  await scheduler.leader();
  await scheduler.resign("a");
  await scheduler.remove(["one"]);
}

Deno.test("every statement of the scheduler is served by an index", () =>
  withStores(async ({ path, open }) => {
    const store = await open({ synchronous: "NORMAL" });
    await putMany(store);
    // A store prepares a statement once; this one has prepared none.
    const other = await open();
    const statements = (await collectSql(() => useAll(other)))
      .filter((sql) => /lovage_schedule/.test(sql));
    const db = new DatabaseSync(path);
    const plans = (sql: string) =>
      db.prepare(`explain query plan ${sql}`).all()
        .map((row) => String(row["detail"]));
    for (const sql of statements) {
      for (const step of plans(sql)) {
        const isPage = /from lovage_schedule order by name limit \?/.test(sql);
        const scans = step.startsWith("SCAN") && !isPage;
        assert(!scans && !/TEMP B-TREE/.test(step), `${sql}\n${step}`);
      }
    }
    const pages = statements.filter((sql) => /order by name/.test(sql));
    assertEquals(pages.flatMap(plans), [
      "SCAN lovage_schedule USING INDEX sqlite_autoindex_lovage_schedule_1",
      "SEARCH lovage_schedule USING INDEX " +
      "sqlite_autoindex_lovage_schedule_1 (name>?)",
    ]);
    db.close();
    assert(statements.length >= 9, `Only ${statements.length} were seen`);
  }));
