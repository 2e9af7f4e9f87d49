/** Whether a worker should be restarted, and whether to count on it. */

import { assertEquals, assertMatch } from "@std/assert";
import { healthOf, type HealthParts } from "../../src/worker/health.ts";

const LEASE = 15_000;

/** A worker whose last heartbeat is this old. */
function worker(age: number, trouble: string | null = null): HealthParts {
  const link = { trouble };
  return {
    heartbeat: { age, isFresh: age <= LEASE / 2 },
    links: { broker: link, backend: link },
    lease: LEASE,
    queues: () => ["default"],
    isStopping: () => false,
  };
}

Deno.test("a worker that beats is well", () => {
  assertEquals(healthOf(worker(5_000)), { ill: null, idle: null });
});

Deno.test("a worker whose store is away is not restarted, however long that takes", () => {
  const { ill, idle } = healthOf(worker(3_600_000, "The store is away"));
  assertEquals(ill, null);
  assertEquals(idle, "The store is away");
});

Deno.test("a worker that has stopped beating beside a store that answers is restarted", () => {
  const { ill, idle } = healthOf(worker(LEASE + 1_000));
  assertMatch(ill ?? "", /last heartbeat is 16 s old, and the lease 15 s/);
  assertMatch(idle ?? "", /has not answered a heartbeat for 16 s/);
});
