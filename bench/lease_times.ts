/**
 * When messages under a rate were leased, by the clock of their store. The
 * store itself is asked: what a worker reads of a clock, before its call or
 * after it, is another time.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import postgres from "postgres";

/** Notes leases from now on. */
export interface LeaseTimes extends AsyncDisposable {
  /** When there were leases so far (epoch ms), in order. */
  read(): Promise<number[]>;
}

/** Between two looks at a log that drops what is older than a second, in ms. */
const LOOK_EVERY = 50;

/** Watches the store of a URL, which has been opened before. */
export function watchLeases(url: string): Promise<LeaseTimes> {
  const watch = { sqlite: watchSqlite, redis: watchRedis }[
    url.slice(0, url.indexOf(":"))
  ];
  return (watch ?? watchPostgres)(url);
}

/** Each lease, by the server's clock at the moment when its row is changed. */
async function watchPostgres(url: string): Promise<LeaseTimes> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`
    create table bench_lease (at float8 not null);
    create function bench_lease() returns trigger language plpgsql as $$
      begin
        insert into bench_lease
          values (extract(epoch from clock_timestamp()) * 1000);
        return null;
      end $$;
    create trigger bench_lease after update on lovage.task for each row
      when (old.consumer is null and new.consumer is not null)
      execute function bench_lease()`);
  return {
    async read() {
      const rows = await sql`select at from bench_lease order by at`;
      return rows.map((row) => Number(row["at"]));
    },
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

/** What the store writes down, which it reads while no other can write. */
async function watchSqlite(url: string): Promise<LeaseTimes> {
  const db = new DatabaseSync(url.replace("sqlite://", ""), { timeout: 5_000 });
  db.exec(`
    create table bench_lease (at integer, count integer);
    create trigger bench_first after insert on lovage_limit_start
      begin insert into bench_lease values (new.ended, new.taken); end;
    create trigger bench_more after update on lovage_limit_start
      begin insert into bench_lease
        values (new.ended, new.taken - old.taken); end`);
  const rows = db.prepare("select at, count from bench_lease order by at");
  return await Promise.resolve({
    read: () => Promise.resolve(expand(rows.all().map(Object.values))),
    [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
  });
}

/** The log that the store keeps of a rate, read again and again. */
async function watchRedis(url: string): Promise<LeaseTimes> {
  const redis = new Redis(url);
  const items = new Map<number, readonly [to: number, count: number]>();
  const look = async () => {
    const [key] = await redis.keys("*starts:*");
    const log = key === undefined ? null : await redis.get(key);
    for (const item of log?.matchAll(/(\d+):(\d+):(\d+)/g) ?? []) {
      const [from = 0, to = 0, count = 0] = item.slice(1).map(Number);
      items.set(from, [to, count]);
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => looking = looking.then(look), LOOK_EVERY);
  return await Promise.resolve({
    async read() {
      await look();
      return expand([...items.values()].sort(([a], [b]) => a - b));
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await looking;
      await redis.quit();
    },
  });
}

function expand(counts: readonly (readonly unknown[])[]): number[] {
  return counts.flatMap(([at, count]) =>
    Array<number>(Number(count)).fill(Number(at))
  );
}
