/**
 * Records of tasks that end: the first one of a task is inserted without a
 * look, so that those that are there already must be known. What is not makes
 * a settlement fail, which is then sent again.
 */

import { assertEquals } from "@std/assert";
import postgres from "postgres";
import type { PostgresSql } from "../../adapters/postgres/mod.ts";
import type { Delivery, Settlement, Store } from "../../src/contracts/mod.ts";
import {
  consumer,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { postgresSuite, type PostgresTest } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

const PROGRESS = { state: "PROGRESS", ended: false };

/** A client that counts the statements that have failed. */
class Counting implements AsyncDisposable {
  failed = 0;
  readonly #sql: ReturnType<typeof postgres>;

  constructor({ server }: PostgresTest) {
    const quiet = { max: 1, onnotice: () => {}, max_pipeline: 1 };
    this.#sql = postgres(server.url(), quiet);
  }

  get sql(): PostgresSql {
    const own = this.#sql as unknown as PostgresSql;
    return Object.assign(() => {}, {
      unsafe: (text: string, values: unknown[] = [], options = {}) => {
        const query = own.unsafe(text, values, options);
        Promise.resolve(query.values()).catch(() => this.failed++);
        return query;
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end();
  }
}

/** Leases all that is there and ends it well, by one settlement. */
async function finish(store: Store): Promise<readonly boolean[]> {
  return await store.broker.settle("c1", (await reserve(store)).map(ended));
}

function ended(delivery: Delivery): Settlement {
  const result = record(delivery.id);
  return settlement(delivery, { kind: "ack" }, { result });
}

async function states(store: Store, ids: readonly string[]): Promise<string[]> {
  return (await store.results.fetch(ids)).map((one) => one?.state ?? "");
}

/** Stores of a test, and how many of their statements have failed. */
function recordsTest(
  name: string,
  run: (open: () => Promise<Store>, clock: FakeClock) => Promise<number>,
): void {
  test(name, async (given) => {
    await using client = new Counting(given);
    const clock = new FakeClock();
    const opened: Store[] = [];
    const open = async () => {
      const store = await given.open({ sql: client.sql, clock });
      opened.push(store);
      return store;
    };
    const expected = await run(open, clock);
    for (const store of opened) await store.close();
    assertEquals(client.failed, expected);
  });
}

recordsTest(
  "what running tasks say of themselves is remembered",
  async (open) => {
    const store = await open();
    await store.broker.publish([message("a"), message("b")]);
    const held = await reserve(store);
    await store.results.store([record("a", PROGRESS)]);
    await store.results.store([
      record("a", PROGRESS),
      record("gone", PROGRESS),
    ]);
    const batch = held.map(ended);
    assertEquals(await store.broker.settle("c1", batch), [true, true]);
    assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
    return 0;
  },
);

recordsTest("a task that is tried again has a record", async (open) => {
  const store = await open();
  await store.broker.publish([message("a"), message("b")]);
  const [a, b] = await reserve(store);
  const again = { kind: "requeue", message: message("a") } as const;
  const result = record("a", { state: "RETRY", ended: false });
  await store.broker.settle("c1", [
    settlement(a!, again, { result }),
    settlement(b!, { kind: "release" }),
  ]);
  assertEquals(await finish(await open()), [true, true]);
  assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
  return 0;
});

const RETURNS = {
  "was released": async ({ broker }, held) => {
    const release = { kind: "release" } as const;
    await broker.settle("c1", held.map((one) => settlement(one, release)));
  },
  "lost its worker": async ({ broker }, _, clock) => {
    clock.advance(60_000);
    await broker.reap();
  },
  "was with a worker that left": ({ broker }) => broker.leave("c1"),
} satisfies Record<
  string,
  (store: Store, held: readonly Delivery[], clock: FakeClock) => Promise<void>
>;

for (const [what, back] of Object.entries(RETURNS)) {
  recordsTest(`a task that ${what} may have a record`, async (open, clock) => {
    const store = await open();
    await store.broker.heartbeat(consumer("c1"));
    await store.broker.publish([message("a"), message("b")]);
    const held = await reserve(store);
    await store.results.store([record("a", PROGRESS)]);
    await back(store, held, clock);
    assertEquals(await finish(await open()), [true, true]);
    assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
    return 0;
  });
}

recordsTest(
  "a record that nobody knew of is replaced all the same",
  async (open) => {
    const store = await open();
    await store.broker.publish([message("a"), message("b")]);
    const held = await reserve(store);
    await (await open()).results.store([record("a", PROGRESS)]);
    const batch = held.map(ended);
    assertEquals(await store.broker.settle("c1", batch), [true, true]);
    assertEquals(await states(store, ["a", "b"]), ["SUCCESS", "SUCCESS"]);
    assertEquals((await reserve(store)).length, 0);
    return 1;
  },
);
