/**
 * graphile-worker, which stores no results.
 *
 * @module
 */

import { type Contestant, nodeDriver } from "./contestant.ts";
import { watchSql } from "./watch_sql.ts";

const driver = nodeDriver("graphile_worker.mjs");

/** graphile-worker with the preset of its own performance test. */
export const graphileWorker: Contestant = {
  name: "graphile-worker",
  store: "postgres",
  counts: { one: 1_000, flight: 2_000, bulk: 100_000, drain: 120_000 },
  bulk: { batch: 1_000, lanes: 4 },
  variants: ["24"],
  drains: ["bare"],
  answers: false,
  backlog: true,
  reports: true,
  producer: driver,
  worker: (settings) => driver("work", settings),
  watch: (url) =>
    watchSql(
      url,
      `select count(*) as left from
        (select 1 from graphile_worker._private_jobs limit 1) as any_left`,
    ),
};
