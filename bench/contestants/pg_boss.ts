/**
 * pg-boss, which keeps its rows when they are done.
 *
 * @module
 */

import { type Contestant, nodeDriver } from "./contestant.ts";
import { watchSql } from "./watch_sql.ts";

const driver = nodeDriver("pg_boss.mjs");

/** pg-boss with batches of a thousand, fetched by one or two at a time. */
export const pgBoss: Contestant = {
  name: "pg-boss",
  store: "postgres",
  counts: { one: 2_000, flight: 4_000, bulk: 200_000, drain: 120_000 },
  bulk: { batch: 5_000, lanes: 2 },
  variants: ["1 x 1000", "2 x 1000"],
  drains: ["results"],
  answers: false,
  backlog: true,
  reports: true,
  // Notifications are for those who wait; they only slow down bulk.
  producer: (role, settings) =>
    driver(role, { ...settings, notify: role === "pickups" }),
  worker: (settings) => driver("work", settings),
  watch: (url) =>
    watchSql(
      url,
      `select count(*) as left from (select 1 from pgboss.job
        where name = 'bench' and state < 'completed' limit 1) as any_left`,
    ),
};
