/**
 * What dead letters promise.
 *
 * @module
 */

import type { Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  consumer,
  deliver,
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { Suite } from "./harness.ts";

async function bury(store: Store, id: string): Promise<void> {
  const one = await deliver(store, id);
  await store.broker.settle("c1", [
    settlement(one, { kind: "dead", reason: "Error", detail: `${id} died` }),
  ]);
}

async function keysOf(store: Store): Promise<Record<string, string>> {
  const { items } = await store.deadLetters.list({ limit: 100 });
  return Object.fromEntries(items.map((letter) => [letter.id, letter.key]));
}

/** The suite of the dead letter port. */
export const deadLettersSuite: Suite = {
  name: "dead letters",
  cases: [
    {
      name: "they are listed, the latest first, page by page",
      async run({ store }) {
        const names = ["a", "b", "c", "d", "e"];
        for (const id of names) await bury(store, id);
        const seen: string[] = [];
        let cursor: string | null | undefined;
        for (let calls = 0; cursor !== null && calls < 10; calls++) {
          const page = await store.deadLetters.list({
            limit: 2,
            cursor: cursor ?? undefined,
          });
          seen.push(...ids(page.items));
          cursor = page.cursor;
        }
        expectEqual(seen, names.reverse(), "the order");
      },
    },
    {
      name: "ids need not be unique there",
      async run({ store }) {
        await bury(store, "a");
        await bury(store, "a");
        const { items } = await store.deadLetters.list({ limit: 10 });
        expectEqual(ids(items), ["a", "a"], "the letters");
        expectEqual(new Set(items.map(({ key }) => key)).size, 2, "the keys");
        expectEqual(await store.deadLetters.redrive(null), 1, "how many went");
      },
    },
    {
      name: "they know their losses, and lose them when they go back",
      async run({ store, clock }) {
        await store.broker.heartbeat(consumer("c1"));
        await deliver(store, "a");
        clock.advance(10_000);
        await store.broker.reap();
        const one = await reserveOne(store);
        await store.broker.settle("c1", [
          settlement(one, { kind: "dead", reason: "Lost", detail: "lost" }),
        ]);
        const { items } = await store.deadLetters.list({ limit: 10 });
        expectEqual(items[0]?.losses, 1, "the losses of the dead");
        await store.deadLetters.redrive(null);
        expectEqual((await reserveOne(store)).losses, 0, "after the redrive");
      },
    },
    {
      name: "those chosen go back to their queues",
      async run({ store }) {
        for (const id of ["a", "b", "c"]) await bury(store, id);
        const { a = "", c = "" } = await keysOf(store);
        const count = await store.deadLetters.redrive([c, a, c, "none", "7e7"]);
        expectEqual(count, 2, "how many went");
        expectEqual(Object.keys(await keysOf(store)), ["b"], "what is left");
        const [first, ...rest] = await reserve(store);
        expectEqual(
          ids([first ?? message("?"), ...rest]).sort(),
          ["a", "c"],
          "",
        );
        expectEqual(
          [first?.body, first?.task, first?.queue],
          [message("a").body, "tests.task", "default"],
          "the first of them",
        );
      },
    },
    {
      name: "one whose id is live again stays",
      async run({ store }) {
        await bury(store, "a");
        await bury(store, "b");
        await store.broker.publish([message("a")]);
        expectEqual(await store.deadLetters.redrive(null), 1, "how many went");
        expectEqual(Object.keys(await keysOf(store)), ["a"], "what is left");
      },
    },
    {
      name: "one that goes back starts over",
      async run({ store }) {
        await bury(store, "a");
        await store.results.store([record("a", { state: "FAILURE" })]);
        await store.deadLetters.redrive(null);
        expectEqual(await store.results.fetch(["a"]), [undefined], "record");
      },
    },
    {
      name: "they can be dropped, chosen or all",
      async run({ store }) {
        for (const id of ["a", "b", "c"]) await bury(store, id);
        const { b = "" } = await keysOf(store);
        expectEqual(await store.deadLetters.purge([b, "none"]), 1, "chosen");
        expectEqual(Object.keys(await keysOf(store)), ["c", "a"], "the rest");
        expectEqual(await store.deadLetters.purge(null), 2, "all");
        expectEqual(await keysOf(store), {}, "what is left");
        expectEqual(await reserve(store), [], "what is queued");
      },
    },
  ],
};
