/**
 * What every bus promises.
 *
 * @module
 */

import { expectEqual } from "./expect.ts";
import { eventually } from "./fixtures.ts";
import type { Suite } from "./harness.ts";

/** The suite of the bus port. */
export const busSuite: Suite = {
  name: "bus",
  cases: [
    {
      name: "a payload reaches the subscribers of its topic, in every store",
      async run({ store, another }) {
        const other = await another();
        const here: string[] = [];
        const there: string[] = [];
        const elsewhere: string[] = [];
        await store.bus.subscribe("news", (payload) => here.push(payload));
        await other.bus.subscribe("news", (payload) => there.push(payload));
        await other.bus.subscribe(
          "other",
          (payload) => elsewhere.push(payload),
        );
        await store.bus.broadcast("news", "one");
        await other.bus.broadcast("news", "two ✓");
        await eventually(
          "both payloads, here and there",
          () => here.length === 2 && there.length === 2,
        );
        const both = ["one", "two ✓"];
        expectEqual(here, both, "what was heard here");
        expectEqual(there, both, "what was heard there");
        expectEqual(elsewhere, [], "what was heard elsewhere");
      },
    },
    {
      name: "only what comes after the subscription is heard",
      async run({ store }) {
        const heard: string[] = [];
        await store.bus.broadcast("news", "before");
        await store.bus.subscribe("news", (payload) => heard.push(payload));
        await store.bus.broadcast("news", "after");
        await eventually("a payload", () => heard.length > 0);
        expectEqual(heard, ["after"], "what was heard");
      },
    },
    {
      name: "a listener hears nothing after its end, others do",
      async run({ store }) {
        const first: string[] = [];
        const second: string[] = [];
        const end = await store.bus.subscribe("news", (p) => first.push(p));
        await store.bus.subscribe("news", (p) => second.push(p));
        await store.bus.broadcast("news", "one");
        await eventually(
          "one, twice",
          () => first.length === 1 && second.length === 1,
        );
        end();
        end();
        await store.bus.broadcast("news", "two");
        await eventually("two", () => second.length === 2);
        expectEqual(first, ["one"], "what the first heard");
      },
    },
    {
      name: "one listener may subscribe twice",
      async run({ store }) {
        const heard: string[] = [];
        const listener = (payload: string) => void heard.push(payload);
        const end = await store.bus.subscribe("news", listener);
        await store.bus.subscribe("news", listener);
        end();
        await store.bus.broadcast("news", "one");
        await eventually("a payload", () => heard.length > 0);
        expectEqual(heard, ["one"], "what was heard");
      },
    },
    {
      name: "payloads of one sender keep their order, also many",
      async run({ store, another }) {
        const other = await another();
        const heard: string[] = [];
        await other.bus.subscribe("news", (payload) => heard.push(payload));
        const all = Array.from({ length: 700 }, (_, at) => `p${at}`);
        for (const payload of all) await store.bus.broadcast("news", payload);
        await eventually("all payloads", () => heard.length === all.length);
        expectEqual(heard, all, "the order");
      },
    },
  ],
};
