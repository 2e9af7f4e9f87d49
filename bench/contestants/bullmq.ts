/**
 * BullMQ, on Redis and on PostgreSQL.
 *
 * @module
 */

import { Redis } from "ioredis";
import {
  type Contestant,
  type Counts,
  nodeDriver,
  type Watch,
} from "./contestant.ts";
import { watchSql } from "./watch_sql.ts";

type ServerStore = "redis" | "postgres";

const COUNTS: Record<ServerStore, Counts> = {
  redis: { one: 15_000, flight: 100_000, bulk: 100_000, drain: 75_000 },
  postgres: { one: 1_000, flight: 2_000, bulk: 30_000, drain: 5_000 },
};

const driver = nodeDriver("bullmq.mjs");

/** BullMQ on a store. */
export function bullmq(store: ServerStore): Contestant {
  return {
    name: store === "redis" ? "BullMQ" : "BullMQ on Postgres",
    store,
    counts: COUNTS[store],
    bulk: { batch: 1_000, lanes: 4 },
    variants: store === "redis" ? ["50", "200"] : ["50"],
    drains: ["results", "bare"],
    answers: true,
    backlog: store === "redis",
    reports: true,
    producer: driver,
    worker: (settings) => driver("work", settings),
    watch: store === "redis" ? watchRedis : (url) =>
      watchSql(
        url,
        `select count(*) as left from (select 1 from bullmq.job
          where state in ('waiting', 'active', 'delayed')
          limit 1) as any_left`,
      ),
  };
}

function watchRedis(url: string): Promise<Watch> {
  const redis = new Redis(url);
  return Promise.resolve({
    left: async () =>
      await redis.llen("bull:bench:wait") +
      await redis.llen("bull:bench:active"),
    async close() {
      await redis.quit();
    },
  });
}
