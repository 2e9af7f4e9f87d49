/**
 * What `publish` promises.
 *
 * @module
 */

import type { LiveTask, Page } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  deliver,
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** As ids are made, but for their last digit. */
const OWN_ID = "01900000-0000-7000-8000-00000000000";

/** The ids on all pages. */
async function pages(
  read: (cursor: string | undefined) => Promise<Page<LiveTask>>,
): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    found.push(...ids(page.items));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** The cases of `publish`. */
export const publishCases: readonly ConformanceCase[] = [
  {
    name: "a message comes back as it went in",
    async run({ store, clock }) {
      const odd = message("ünï-1", {
        task: "tests.ünï",
        priority: 9,
        eta: clock.now() - 1,
        body: '{"text":"zero \\u0000 line\\n quote \' ✓ 🦄"}',
      });
      expectEqual(await store.broker.publish([odd]), [true], "the answer");
      const delivery = await reserveOne(store);
      expectEqual(delivery, {
        ...odd,
        token: delivery.token,
        losses: 0,
        cancelled: false,
      }, "the delivery");
    },
  },
  {
    name: "a body may be any text",
    async run({ store }) {
      const bodies = ["", " ", "not json", "a\0b", "x".repeat(300_000)];
      const batch = bodies.map((body, at) => message(`b${at}`, { body }));
      await store.broker.publish(batch);
      const deliveries = await reserve(store);
      expectEqual(deliveries.map((one) => one.body), bodies, "the bodies");
    },
  },
  {
    name: "an id that is queued is not added again",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      const again = [message("a", { body: "other" }), message("b")];
      expectEqual(await store.broker.publish(again), [false, true], "answer");
      const [first] = await reserve(store);
      expectEqual(first?.body, message("a").body, "the body that stays");
    },
  },
  {
    name: "an id that is twice in a batch is added once",
    async run({ store }) {
      const batch = [message("a"), message("b"), message("a")];
      expectEqual(
        await store.broker.publish(batch),
        [true, true, false],
        "the answer",
      );
      expectEqual(ids(await reserve(store)), ["a", "b"], "what is queued");
    },
  },
  {
    name: "an id that is scheduled or leased is not added again",
    async run({ store, clock }) {
      const later = clock.now() + 60_000;
      await deliver(store, "leased");
      await store.broker.publish([message("scheduled", { eta: later })]);
      const again = [message("leased"), message("scheduled"), message("new")];
      expectEqual(
        await store.broker.publish(again),
        [false, false, true],
        "the answer",
      );
    },
  },
  {
    name: "an id that has ended can be sent again and starts over",
    async run({ store }) {
      const first = await deliver(store, "a");
      await store.broker.settle("c1", [settlement(first)]);
      await store.results.store([record("a")]);
      expectEqual(await store.broker.publish([message("a")]), [true], "answer");
      const started = record("a", { state: "STARTED", ended: false });
      await store.results.store([started]);
      expectEqual(await store.results.fetch(["a"]), [started], "the record");
    },
  },
  {
    name: "the record of an id that is live stays",
    async run({ store }) {
      await store.broker.publish([message("a")]);
      await store.results.store([record("a")]);
      await store.broker.publish([message("a")]);
      expectEqual(await store.results.fetch(["a"]), [record("a")], "record");
    },
  },
  {
    name: "a message with an id of its own is one like all others",
    async run({ store, clock }) {
      const later = clock.now() + 60_000;
      const fresh = (id: string, rest = {}) =>
        message(id, { fresh: true, ...rest });
      const batch = [fresh("a"), fresh("b"), fresh("c", { queue: "other" })];
      expectEqual(await store.broker.publish(batch), [true, true, true], "all");
      await store.broker.publish([fresh("d"), fresh("e")]);
      await store.broker.publish([fresh("f", { eta: later })]);
      expectEqual(
        await store.broker.publish([message("a"), message("e"), message("f")]),
        [false, false, false],
        "the ids are live",
      );
      const deliveries = await reserve(store);
      expectEqual(ids(deliveries), ["a", "b", "d", "e"], "what is queued");
      expectEqual(deliveries[3]?.body, message("e").body, "the body");
    },
  },
  {
    name: "messages with ids of their own are served and listed in order",
    async run({ store }) {
      const own = [1, 2, 3, 4, 5].map((at) => `${OWN_ID}${at}`);
      const [a = "", b = "", c = "", d = "", e = ""] = own;
      await store.broker.publish([message("first")]);
      await store.broker.publish(own.map((id) => message(id, { fresh: true })));
      await store.broker.publish([message("last")]);
      const held = await reserve(store, { limit: 4 });
      expectEqual(ids(held), ["first", a, b, c], "what is served");
      const page = { limit: 1 };
      const running = await pages((cursor) =>
        store.inspector.tasks({ status: "running" }, { ...page, cursor })
      );
      expectEqual(running.length, 4, "how many run");
      for (const one of [held[2], held[1]]) {
        if (one === undefined) throw new Error("Expected a delivery");
        await store.broker.settle("c1", [
          settlement(one, { kind: "release" }),
        ]);
      }
      const queued = await pages((cursor) =>
        store.inspector.tasks({ status: "queued" }, { ...page, cursor })
      );
      expectEqual(queued, [a, b, d, e, "last"], "what is listed");
      await store.broker.cancel([
        { id: d, terminate: false, rememberUntil: 0 },
      ]);
      await store.broker.leave("c1");
      const again = ids(await reserve(store));
      expectEqual(
        again.filter((id) => id !== "first"),
        [a, b, c, e, "last"],
        "what is served then",
      );
    },
  },
  {
    name: "an empty batch is nothing",
    async run({ store }) {
      expectEqual(await store.broker.publish([]), [], "the answer");
    },
  },
  {
    name: "a large batch keeps its order",
    async run({ store }) {
      const batch = Array.from({ length: 1_234 }, (_, at) => message(`m${at}`));
      const added = await store.broker.publish(batch);
      expectEqual(added.every((one) => one), true, "every answer");
      const deliveries = await reserve(store, { limit: 2_000 });
      expectEqual(ids(deliveries), ids(batch), "the order");
    },
  },
];
