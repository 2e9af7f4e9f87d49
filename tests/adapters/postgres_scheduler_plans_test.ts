/**
 * No statement about schedules looks at more rows than it must, with 100,000
 * entries: every one that the store runs is caught, and run again under
 * EXPLAIN ANALYZE; with the settings of the store's own connections and a plan
 * that was made when the tables were empty, and with those of a user's own
 * client.
 */

import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import type { Firing, Scheduler } from "../../src/contracts/mod.ts";
import { message } from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite("autovacuum = off");

const ROWS = 100_000;
/** The most rows that one step of a plan may look at: a page, and some. */
const MOST = 120;

const LARGE = ["schedule", "task", "result"];

const FILL = (s: string) => `
  insert into ${s}.schedule (name, revision, due_at, body)
    select 'e' || n, 1, 5000, '{}' from generate_series(1, ${ROWS}) as n;
  update ${s}.schedule_revision set revision = 1;
  insert into ${s}.task (id, task, queue, body)
    select 'q' || n, 't', 'default', '{}' from generate_series(1, ${ROWS}) as n;
  insert into ${s}.result (id, state, ended, task, updated_at, meta)
    select 'm' || n, 'SUCCESS', true, 't', n, '{}'
    from generate_series(1, ${ROWS}) as n;
`;

/** As the connections of the store are set. */
const OWN = `set jit = off; set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_bitmapscan = off;
  set enable_hashjoin = off; set enable_mergejoin = off;`;

/** Calls everything. */
async function useAll(scheduler: Scheduler): Promise<void> {
  const names = ["e7", "e70000", "none", "e500"];
  await scheduler.fetch(names);
  await scheduler.list(null, 100);
  await scheduler.list("e50000", 100);
  const firings = names.map((name, at): Firing => ({
    ...{ name, revision: 1, dueAt: 5_000, nextAt: 6_000, state: "fired" },
    messages: [message(`m${at + 1}`), message(`q${at + 1}`)],
  }));
  const fired = await scheduler.fire(firings);
  assertEquals(fired, [true, true, false, true]);
  const revisions = await scheduler.put([
    { name: "e7", body: "{}", dueAt: 1, expected: 1 },
    { name: "e8", body: "{}", dueAt: 1, expected: null },
    { name: "e9", body: "{}", dueAt: 1 },
    { name: "new", body: "{}", dueAt: 1, expected: null },
  ]);
  assertEquals(revisions, [2, null, 2, 2]);
  assertEquals(await scheduler.remove(["e10", "none"]), [true, false]);
  const candidate = { id: "a", name: "a", lease: 60_000 };
  await scheduler.lead(candidate);
  await scheduler.leader();
  await scheduler.resign("a");
}

/** A client that remembers what it is asked. */
function spyOn(
  sql: PostgresSql,
): { readonly spy: PostgresSql; readonly seen: Map<string, unknown[]> } {
  const seen = new Map<string, unknown[]>();
  const spy: PostgresSql = Object.assign(() => {}, {
    unsafe(text: string, values: unknown[] = [], options = {}) {
      seen.set(text, [...values]);
      return sql.unsafe(text, values, options);
    },
  });
  return { spy, seen };
}

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

/** Returns how many rows of the entries were looked at. */
function assertModest(text: string, plan: Plan): number {
  const { "Node Type": type, "Relation Name": table = "" } = plan;
  const rows = plan["Actual Loops"] *
    (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0));
  const about = `${type} on ${table}: ${rows} rows in ${text}`;
  assert(rows <= MOST, about);
  assert(type !== "Seq Scan" || !LARGE.includes(table), about);
  const below = (plan.Plans ?? []).map((part) => assertModest(text, part));
  return below.reduce((sum, n) => sum + n, table === "schedule" ? rows : 0);
}

function literal(value: unknown): string {
  return value === null ? "null" : `'${String(value).replaceAll("'", "''")}'`;
}

test("every statement about schedules finds its rows by an index", async ({ server, schema, open }) => {
  const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  try {
    const { spy, seen } = spyOn(sql as unknown as PostgresSql);
    const store = await open({ sql: spy, schema, listen: false });
    await server.psql(FILL(schema));
    seen.clear();
    await useAll(store.scheduler);
    assertEquals(seen.size, 8);
    const all = [...seen];
    const explain = async (
      name: string,
      [text, values]: [string, unknown[]],
    ) => {
      const params = values.length === 0
        ? ""
        : `(${values.map(literal).join(", ")})`;
      // As if it were the first time that it is sent.
      await sql.unsafe(`begin; delete from ${schema}.operation`);
      const [row] = await sql.unsafe(
        `explain (analyze, format json) execute ${name} ${params}`,
      );
      await sql.unsafe("rollback");
      const [{ Plan: plan }] =
        (row as unknown as { "QUERY PLAN": [{ Plan: Plan }] })["QUERY PLAN"];
      return assertModest(text, plan);
    };
    const explainAll = async (kind: string) => {
      for (const [at, one] of all.entries()) {
        const rows = await explain(`${kind}_${at}`, one);
        const isAbout = /\.schedule\s/.test(one[0]);
        assertEquals(rows > 0, isAbout, `${rows} rows in ${one[0]}`);
      }
    };
    const large = LARGE.map((table) => `${schema}.${table}`).join(", ");
    // With the store's own settings, planned when there was nothing.
    await sql.unsafe(`${OWN} truncate ${large}`);
    await sql.unsafe(`vacuum analyze ${large}`);
    for (const [at, one] of all.entries()) {
      await sql.unsafe(`prepare stale_${at} as ${one[0]}`);
      await explain(`stale_${at}`, one);
    }
    // No statistics are taken: the plans stay.
    await sql.unsafe(FILL(schema));
    await explainAll("stale");
    // With those of a user's own client, planned for what is there.
    await sql.unsafe(`reset all; analyze ${large}`);
    for (const [at, one] of all.entries()) {
      await sql.unsafe(`prepare fresh_${at} as ${one[0]}`);
    }
    await explainAll("fresh");
  } finally {
    await sql.end();
  }
});
