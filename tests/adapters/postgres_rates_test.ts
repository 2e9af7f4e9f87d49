/**
 * Rates are measured by the server's clock, read when nobody else can take
 * from them: neither what a worker's machine takes for the time nor how long
 * its statement waited may let more start than the rate says.
 */

import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";
import type { Store } from "../../src/contracts/mod.ts";
import {
  ids,
  publishLimited,
  rate,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite, type PostgresTest } from "./fixtures/postgres_suite.ts";
import { until } from "../_helpers.ts";

const test = postgresSuite("autovacuum = off");

const HOUR = 3_600_000;
const NAMES = ["a", "b", "c", "d"];

/** Runs something on a machine whose clock is wrong. */
async function whereItIs<T>(off: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + off;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}

/** Waits as long as it takes. */
async function next(store: Store, consumer: string): Promise<string[]> {
  const signal = AbortSignal.timeout(30_000);
  return ids(await reserve(store, { consumer, wait: true, signal }));
}

for (
  const [what, first, then] of [["behind", -2, 0], ["ahead", 0, 2]] as const
) {
  test(`a worker whose clock is ${what} makes no more start than the rate says`, async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const hourly = rate("k", 2, HOUR);
    await publishLimited(one, NAMES, hourly);
    const taken = await whereItIs(first * HOUR, () => reserve(one));
    assertEquals(ids(taken), ["a", "b"]);
    await whereItIs(then * HOUR, async () => {
      assertEquals(await reserve(two, { consumer: "c2" }), []);
      await two.broker.reap();
      assertEquals(await reserve(two, { consumer: "c2" }), []);
    });
  });
}

for (const [what, off] of [["behind", -HOUR], ["ahead", HOUR]] as const) {
  test(`a worker whose clock is ${what} takes what has room, and asks no more often`, async ({ server, open }) => {
    let asked = 0;
    await using sql = ending(postgres(server.url(), {
      ...{ max_pipeline: 1 },
      debug: () => asked++,
    }));
    const store = await open({ sql: sql.own });
    await whereItIs(off, async () => {
      const brief = rate("k", 1, 500);
      await publishLimited(store, NAMES, brief);
      asked = 0;
      for (const name of NAMES) assertEquals(await next(store, "c1"), [name]);
      const [state] = await store.inspector.limits([brief]);
      const opensIn = (state?.opensAt ?? 0) - Date.now();
      assert(opensIn <= 510, `there is room in ${opensIn} ms`);
    });
    assert(asked < 40, `${asked} statements`);
  });
}

test("what waited for another one's lease counts from its end", async (place) => {
  const [one, two] = [await place.open(), await place.open()];
  const second = rate("k", 1, 1_000);
  await publishLimited(one, NAMES, second);
  const leases = await watch(place);
  await using sql = ending(postgres(place.server.url(), { max: 1 }));
  const lock = `hashtextextended('lovage limits "${place.schema}"', 0)`;
  await sql.own.unsafe(`select pg_advisory_lock(${lock})`);
  const waiting = next(one, "c1");
  await until(
    async () =>
      await place.server.psql("select 1 from pg_locks where not granted") !==
        "",
    "the statement to wait",
  );
  // What it may have read of the time before is past by more than the span.
  await sql.own.unsafe(
    `select pg_sleep(1.1), pg_advisory_unlock_all()`,
  );
  await Promise.all([waiting, next(two, "c2")]);
  const [first = 0, then = 0] = await leases();
  assert(then - first >= 1_000, `${then - first} ms lie between them`);
});

/** Has the server note when it leases what, and tells it. */
async function watch(
  { server, schema }: PostgresTest,
): Promise<() => Promise<number[]>> {
  await server.psql(`
    create table ${schema}.seen (at float8);
    create function ${schema}.see() returns trigger language plpgsql as $f$
      begin
        insert into ${schema}.seen
          values (extract(epoch from clock_timestamp()) * 1000);
        return null;
      end $f$;
    create trigger see after update on ${schema}.task for each row
      when (old.consumer is null and new.consumer is not null)
      execute function ${schema}.see();`);
  return async () =>
    (await server.psql(`select at from ${schema}.seen order by at`))
      .split("\n").map(Number);
}

function ending<T extends { end(): Promise<void> }>(
  own: T,
): AsyncDisposable & { readonly own: T } {
  return { own, [Symbol.asyncDispose]: () => own.end() };
}
