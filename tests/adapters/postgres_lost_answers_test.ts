/**
 * Answers that get lost on the way: what was asked is asked again, and is
 * done once all the same.
 */

import { assert, assertEquals } from "@std/assert";
import type { Delivery, Settlement, Store } from "../../src/contracts/mod.ts";
import {
  eventually,
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { type Proxy, startProxy } from "./fixtures/postgres_proxy.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

/** What a call does while its answer is held back; then that is lost. */
function losingAnswers(
  name: string,
  run: (store: Store, other: Store, proxy: Proxy) => Promise<void>,
): void {
  test(name, async ({ server, open }) => {
    const proxy = startProxy(server.port);
    const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await open({ url });
    try {
      await run(store, await open(), proxy);
    } finally {
      await store.close();
      await proxy.close();
    }
  });
}

losingAnswers(
  "a publication whose answer was lost is not done again after its end",
  async (store, other, proxy) => {
    // A statement that is prepared already needs no answer to be carried out.
    await store.broker.publish([message("a")]);
    await finish(other, 1);
    proxy.holdAnswers(true);
    const publishing = store.broker.publish([message("b"), message("c")]);
    await finish(other, 2);
    proxy.holdAnswers(false);
    proxy.cut();
    assertEquals(await publishing, [true, true]);
    assertEquals(ids(await reserve(other)), []);
    assertEquals(await other.results.countByState(), { SUCCESS: 3 });
  },
);

losingAnswers(
  "a settlement whose answer was lost held",
  async (store, other, proxy) => {
    const batch = ["a", "b", "c"].map((id) => message(id));
    await store.broker.publish(batch);
    const [first, ...rest] = await reserve(store);
    assertEquals(await store.broker.settle("c1", [done(first)]), [true]);
    proxy.holdAnswers(true);
    const settling = store.broker.settle("c1", rest.map(done));
    await eventually(
      "the records",
      async () => (await other.results.countByState())["SUCCESS"] === 3,
    );
    proxy.holdAnswers(false);
    proxy.cut();
    assertEquals(await settling, [true, true]);
  },
);

losingAnswers(
  "ends whose answer was lost are counted once",
  async (store, other, proxy) => {
    const body = message("body", { queue: "bodies" });
    await store.broker.publish(["a", "b", "c", "d"].map((id) => message(id)), {
      groups: [{ id: "g", size: 4, body, expiresAt: null }],
    });
    const ends = [{ group: "g", index: 0, failed: false }];
    const [a, b, c, d] = (await reserve(store)).map((one) => (
      { ...done(one), ends }
    ));
    assert(a && b && c && d);
    await store.broker.settle("c1", [a]);
    proxy.holdAnswers(true);
    const settling = store.broker.settle("c1", [b, c]);
    await eventually(
      "the records",
      async () => (await other.results.countByState())["SUCCESS"] === 3,
    );
    proxy.holdAnswers(false);
    proxy.cut();
    assertEquals(await settling, [true, true]);
    assertEquals(await reserve(store, { queues: ["bodies"] }), []);
    await store.broker.settle("c1", [d]);
    assertEquals(ids(await reserve(store, { queues: ["bodies"] })), ["body"]);
  },
);

function done(delivery: Delivery | undefined): Settlement {
  assert(delivery !== undefined);
  const { id } = delivery;
  return settlement(delivery, { kind: "ack" }, { result: record(id) });
}

/** Works so many messages off as they arrive. */
async function finish(store: Store, count: number): Promise<void> {
  for (let left = count; left > 0;) {
    const found = await reserve(store, { wait: true });
    await store.broker.settle("c1", found.map(done));
    left -= found.length;
  }
}
