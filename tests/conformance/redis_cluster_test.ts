import { redisStore } from "../../adapters/redis/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";
import {
  type RedisCluster,
  startCluster,
} from "../adapters/fixtures/redis_cluster.ts";
import { missing } from "../adapters/fixtures/redis_server.ts";

let cluster: RedisCluster | undefined;

if (missing === undefined) {
  Deno.test.beforeAll(async () => {
    cluster = await startCluster();
  });
  Deno.test.afterAll(async () => await cluster?.stop());
}

const ORDER = "in a cluster lists of several shards are ordered by time only";

testStore({
  skip: {
    "results: a query lists the latest first, page by page": ORDER,
    "results: a page goes on where the one before ended, whatever came since":
      ORDER,
    "inspector: queued tasks are listed in the order of arrival": ORDER,
    "inspector: running tasks are listed with their consumers": ORDER,
    "bus: only what comes after the subscription is heard":
      "the contract lets a payload be on its way to the node that is asked",
    "dead letters: one that goes back starts over":
      "in a cluster the result may lie on another node",
  },
  test: (name, fn, skip) => {
    const reason = missing ?? skip;
    Deno.test({
      name: `redis cluster ${name}${
        reason === undefined ? "" : ` (${reason})`
      }`,
      fn,
      ignore: reason !== undefined,
      // The driver leaves timers of two seconds behind for lost nodes.
      sanitizeOps: false,
      sanitizeResources: false,
    });
  },
  fresh: () => {
    const url = cluster?.url;
    const prefix = crypto.randomUUID();
    return { store: (options) => redisStore({ ...options, url, prefix }) };
  },
});
