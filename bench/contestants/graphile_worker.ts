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
  counts: { one: 2_000, flight: 4_000, bulk: 200_000, drain: 240_000 },
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
