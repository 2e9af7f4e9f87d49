/**
 * No statement looks at more rows than it must, with 100,000 rows of each
 * state: every statement that the store runs is caught, and run again under
 * EXPLAIN ANALYZE; with the settings of the store's own connections and a
 * plan that was made when the tables were empty, and with those of a user's
 * own client.
 */

import { assert } from "@std/assert";
import postgres from "postgres";
import { postgresStore } from "../../adapters/postgres/mod.ts";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import type { GroupPlan, Store } from "../../src/contracts/mod.ts";
import {
  consumer,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite("autovacuum = off");

/** Rows of each state. */
const ROWS = 100_000;
/** The most rows that one step of a plan may look at. */
const MOST = 6_000;

/** What may look at more, and why that is fine. */
const FINE: readonly RegExp[] = [
  // Counts for people, from the narrowest index.
  /sum\(queued\)/,
  /'SUCCESS', count/,
  // What a consumer holds, or all of them: as much as is in flight.
  /where consumer is not null and seq >/,
  /count\(\*\)::int from .*where consumer is not null and task.consumer/s,
  /json_build_array\(id, cancelled\)/,
  /with gone as \(\s*delete/,
  /recursive holder/,
];

const LARGE = ["task", "result", "task_group", "task_group_member", "paused"];

/** A client that remembers what it is asked. */
function spyOn(
  sql: PostgresSql,
): { readonly spy: PostgresSql; readonly seen: Map<string, unknown[]> } {
  const seen = new Map<string, unknown[]>();
  const spy: PostgresSql = Object.assign(() => {}, {
    unsafe(text: string, values: unknown[] = [], options = {}) {
      if (!seen.has(text)) seen.set(text, [...values]);
      return sql.unsafe(text, values, options);
    },
  });
  return { spy, seen };
}

/** Calls everything, with small batches. */
async function useAll(store: Store, clock: FakeClock): Promise<void> {
  const { broker, results, inspector, deadLetters } = store;
  await broker.heartbeat(consumer("c1"));
  const queues = ["default", "paused 1", "other"];
  await broker.pause(["default", "paused 0"], true);
  await broker.pause(["default", "paused 0"], false);
  // Enough for the store to begin at the floors.
  for (let n = 0; n < 5; n++) {
    await reserve(store, { limit: 500, queues: ["default"] });
    await reserve(store, { limit: 500, queues });
  }
  const eta = clock.now() + 10;
  await broker.publish([message("z", { eta, queue: "due" }), message("a")]);
  clock.advance(10);
  await reserve(store, { queues: ["due"] });
  await broker.cancel(["a", "s7", "none"].map((id) => (
    { id, terminate: false, rememberUntil: eta + 1e6, result: record(id) }
  )));
  const held = await reserve(store, { limit: 5, queues });
  const kinds = [
    { kind: "ack" },
    { kind: "release" },
    { kind: "requeue", message: message("x", { queue: "mine" }) },
    { kind: "dead", reason: "Error", detail: "It" },
  ] as const;
  await broker.settle(
    "c1",
    held.slice(0, 4).map((one, at) =>
      settlement(one, kinds[at], {
        result: record(one.id, { ended: at === 0 }),
        publish: [message(`next ${at}`, { queue: "mine" })],
      })
    ),
  );
  await broker.settle("c1", held.slice(4).map((one) => settlement(one)));
  const [one] = await reserve(store, { limit: 1 });
  if (one) {
    await broker.settle("c1", [
      settlement(one, { kind: "ack" }, { result: record(one.id) }),
    ]);
  }
  await useGroups(store, eta);
  await broker.reap();
  for (const status of ["queued", "scheduled", "running"] as const) {
    await inspector.tasks({ status }, { limit: 10 });
    await inspector.tasks({ status, queue: "default" }, { limit: 10 });
  }
  await inspector.find(["a", "q5", "s5"]);
  await inspector.queues();
  await inspector.consumers();
  await results.store([record("r1"), record("new")]);
  await results.fetch(["r1", "r2"]);
  await results.query({}, { limit: 10 });
  await results.query({ state: "SUCCESS", task: "x" }, { limit: 10 });
  await results.query({ state: "FAILURE", since: 0 }, { limit: 10 });
  await results.countByState();
  await results.expire(10);
  await results.forget(["r3"]);
  await deadLetters.list({ limit: 10 });
  await deadLetters.redrive(null);
  await deadLetters.purge(["1"]);
  await broker.purge(["mine"]);
  await broker.leave("c1");
}

async function useGroups(store: Store, expiresAt: number): Promise<void> {
  const { broker, results } = store;
  const group = (id: string): GroupPlan => (
    { id, size: 2, body: message(`${id} body`), expiresAt }
  );
  const end = (group: string, failed = false) => ({ group, index: 0, failed });
  await broker.publish([message("m1"), message("m2", { fresh: true })], {
    groups: [group("new")],
  });
  for (const ends of [[end("g1")], [end("g2", true), end("g3")]]) {
    const [one, next] = await reserve(store, { limit: 2 });
    if (one === undefined || next === undefined) throw new Error("None left");
    await broker.settle("c1", [settlement(one, { kind: "ack" }, { ends })]);
    await broker.settle("c1", [
      settlement(next, { kind: "ack" }, {
        result: record(next.id),
        ends,
        groups: [group(`of ${next.id}`)],
      }),
    ]);
  }
  await results.openGroups([group("other")]);
  await results.endMembers([end("g4"), end("g5", true), end("g6")]);
}

const FILL = (s: string, now: number) => `
  insert into ${s}.task (id, task, queue, priority, body)
    select 'q' || n, 't', case when n % 2 = 0 then 'default' else 'other' end,
      n % 10, '{}' from generate_series(1, ${ROWS}) as n;
  insert into ${s}.task (id, task, queue, eta, due, body)
    select 's' || n, 't', 'default', ${now} + 1000000 + n,
      ${now} + 1000000 + n, '{}' from generate_series(1, ${ROWS}) as n;
  insert into ${s}.task (id, task, queue, consumer, token, body)
    select 'h' || n, 't', 'default', 'h' || n % 100, n, '{}'
    from generate_series(1, ${ROWS}) as n;
  insert into ${s}.task (id, task, queue, priority, body)
    select 'p' || n, 't', 'paused ' || n % 10, 5, '{}'
    from generate_series(1, ${ROWS}) as n;
  insert into ${s}.paused
    select 'paused ' || n from generate_series(1, ${ROWS}) as n;
  insert into ${s}.consumer select 'h' || n, 'h', 1e15, ${now}, true, '{}'
    from generate_series(0, 99) as n;
  insert into ${s}.task_group
    (id, remaining, expires_at, message, task, queue, priority, body)
    select 'g' || n, 2, ${now} + 1000000 + n, 'b' || n, 't', 'default', 5, '{}'
    from generate_series(1, ${ROWS}) as n;
  insert into ${s}.task_group_member (group_id, place)
    select 'g' || n, 1 from generate_series(1, ${ROWS}) as n;
  insert into ${s}.result (id, state, ended, task, updated_at, expires_at, meta)
    select 'r' || n, case when n % 100 = 0 then 'FAILURE' else 'SUCCESS' end,
      true, 't', n, ${now} + 1000000 + n, '{}'
    from generate_series(1, ${ROWS}) as n;
`;

/** As the connections of the store are set. */
const OWN = `set jit = off; set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_bitmapscan = off;
  set enable_hashjoin = off; set enable_mergejoin = off;`;

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

function assertModest(text: string, plan: Plan): void {
  const { "Node Type": type, "Relation Name": table = "" } = plan;
  const rows = plan["Actual Loops"] *
    (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0));
  const about = `${type} on ${table}: ${rows} rows in ${text}`;
  assert(rows <= MOST, about);
  assert(type !== "Seq Scan" || !LARGE.includes(table) || rows === 0, about);
  for (const part of plan.Plans ?? []) assertModest(text, part);
}

function literal(value: unknown): string {
  return value === null ? "null" : `'${String(value).replaceAll("'", "''")}'`;
}

test("every statement finds its rows by an index", async ({ server, schema }) => {
  const clock = new FakeClock();
  const sql = postgres(server.url(), { max: 1, onnotice: () => {} });
  try {
    const { spy, seen } = spyOn(sql as unknown as PostgresSql);
    const store = postgresStore({ sql: spy, schema, listen: false, clock });
    await store.open();
    await server.psql(FILL(schema, clock.now()));
    await useAll(store, clock);
    await store.close();
    const hot = [...seen].filter(([text]) =>
      /^\s*(with|select|insert|update|delete)/.test(text) &&
      text.includes(`"${schema}"`) && !FINE.some((fine) => fine.test(text))
    );
    assert(hot.length >= 20, `Only ${hot.length} statements were seen`);
    await explainAll(sql, schema, clock.now(), hot);
  } finally {
    await sql.end();
  }
});

async function explainAll(
  sql: ReturnType<typeof postgres>,
  schema: string,
  now: number,
  hot: readonly [string, unknown[]][],
): Promise<void> {
  const explain = async (name: string, [text, values]: [string, unknown[]]) => {
    const params = values.length === 0
      ? ""
      : `(${values.map(literal).join(", ")})`;
    await sql.unsafe("begin");
    const [row] = await sql.unsafe(
      `explain (analyze, format json) execute ${name} ${params}`,
    );
    await sql.unsafe("rollback");
    const [{ Plan: plan }] =
      (row as unknown as { "QUERY PLAN": [{ Plan: Plan }] })[
        "QUERY PLAN"
      ];
    assertModest(text, plan);
  };
  // With the store's own settings, planned when there was nothing.
  await sql.unsafe(OWN);
  const large = LARGE.map((table) => `${schema}.${table}`).join(", ");
  await sql.unsafe(`truncate ${large}, ${schema}.consumer`);
  await sql.unsafe(`vacuum analyze ${large}`);
  for (const [at, one] of hot.entries()) {
    await sql.unsafe(`prepare stale_${at} as ${one[0]}`);
    await explain(`stale_${at}`, one);
  }
  // No statistics are taken: the plans stay.
  await sql.unsafe(FILL(schema, now));
  for (const [at, one] of hot.entries()) await explain(`stale_${at}`, one);
  // With those of a user's own client, planned for what is there.
  await sql.unsafe(`reset all; analyze ${large}`);
  for (const [at, one] of hot.entries()) {
    await sql.unsafe(`prepare fresh_${at} as ${one[0]}`);
    await explain(`fresh_${at}`, one);
  }
}
