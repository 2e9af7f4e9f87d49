/**
 * What limits hold back is found by its indexes in tables that were never
 * analyzed, as they are in the first minute after a burst: with plans that
 * were made while they were empty, and with plans for what is there.
 */

import { assert } from "@std/assert";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite("autovacuum = off\nfsync = off");

const MESSAGES = 20_000;
const KEYS = 10_000;

/**
 * The calls, and the most rows that each may read, of whatever tables: a few
 * for each of the events that it hears, the lines that it looks at and the
 * messages that it was given. By a wrong index each of these takes 20,000.
 */
const CALLS = (s: string): readonly (readonly [string, number])[] => [
  [
    `${s}.limit_take(array['default', 'other'], 10, 10, true, 'c', 1, 1, 1)`,
    1e4,
  ],
  [`${s}.limit_take(array['default'], 10, 10, false, 'c', 3, 1, 1)`, 1e4],
  [
    `${s}.leases_end(array['m1', 'm2'], array['${terms(1)}', '${
      terms(2)
    }'], 1)`,
    100,
  ],
  [
    `${s}.publish_special(array['m5', 'new'], array['t', 't'],
      array['default', 'default'], array[5, 5], array[null, null]::bigint[],
      array[null, null]::bigint[], array['{}', '{}'],
      array['${terms(5)}', '{"u":["key",null,true]}'], array[1, 0], 1)`,
    100,
  ],
  [`${s}.limit_sweep(1, 1)`, 1e4],
  [`${s}.limit_purge('default', 1)`, 1e5],
];

function terms(n: number): string {
  return `{"l":[["c","k${n % KEYS}",1,0],["c","all",1,0]]}`;
}

const FILL = (s: string) => {
  const array = (each: string) =>
    `array(select ${each} from generate_series(1, ${MESSAGES}) as n)`;
  const all = `'{"l":[["c","k' || n % ${KEYS} || '",1,0],["c","all",1,0]]}'`;
  return `select cardinality(${s}.publish_special(${array("'m' || n")},
    ${array("'t'")}, ${array("'default'")}, ${array("5")},
    ${array("null::bigint")}, ${array("null::bigint")}, ${array("'{}'")},
    ${array(all)}, ${array("0")}, 1));`;
};

/** Rows that this session has read lately, by whatever way. */
const READ = (s: string) => `
  select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint
  from pg_stat_xact_all_tables where schemaname = '${s}';`;

for (const planned of ["empty tables", "what is there"]) {
  test(`limits read by their indexes, planned for ${planned}`, async ({ server, schema, open }) => {
    await open();
    const calls = CALLS(schema);
    // The plans of functions stay with their session.
    const early = planned === "empty tables"
      ? calls.map(([call]) => `select count(*) from ${call};`).join("\n")
      : "";
    const answers = await server.psql(`
      begin; ${early} rollback;
      ${FILL(schema)}
      ${
      calls.map(([call]) => `
        begin; ${READ(schema)} select from ${call}; ${READ(schema)} commit;`)
        .join("\n")
    }`);
    const read = answers.split("\n").filter((line) => line !== "")
      .slice(-2 * calls.length).map(Number);
    for (const [at, [call, most]] of calls.entries()) {
      const rows = (read[2 * at + 1] ?? NaN) - (read[2 * at] ?? NaN);
      assert(rows <= most, `${rows} rows were read by ${call}`);
    }
  });
}
