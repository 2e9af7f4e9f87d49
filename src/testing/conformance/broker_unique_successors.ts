/**
 * What every broker promises of successors with unique keys.
 *
 * @module
 */

import type { Message, Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  ids,
  limited,
  message,
  reserve,
  reserveOne,
  settlement,
  slots,
  unique,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

/** Acknowledges what is served first, with these successors. */
async function followBy(
  store: Store,
  publish: readonly Message[],
): Promise<void> {
  const one = await reserveOne(store);
  const answer = await store.broker.settle("c1", [
    settlement(one, { kind: "ack" }, { publish }),
  ]);
  expectEqual(answer, [true], "the answer");
}

/** The cases of successors with unique keys. */
export const uniqueSuccessorCases: readonly ConformanceCase[] = [
  {
    name: "successors whose key another has are skipped, the rest is done",
    async run({ store }) {
      await store.broker.publish([unique("a", "own"), unique("b", "taken")]);
      await followBy(store, [
        unique("next", "own"),
        unique("skipped", "taken"),
        message("plain"),
        unique("one", "free"),
        unique("two", "free"),
      ]);
      const rest = ids(await reserve(store));
      expectEqual(rest, ["b", "next", "plain", "one"], "what is queued");
      expectEqual(
        await store.broker.holders(["own", "taken", "free"]),
        ["next", "b", "one"],
        "the holders",
      );
    },
  },
  {
    name: "of successors of one id the first is added that is not refused",
    async run({ store }) {
      await store.broker.publish([message("a"), unique("b", "taken")]);
      await followBy(store, [
        unique("x", "taken"),
        message("other"),
        message("x", { body: "second" }),
        message("x", { body: "third" }),
        unique("y", "taken"),
        unique("y", "free"),
        unique("z", "taken"),
        limited("z", slots("one", 1)),
      ]);
      const rest = await reserve(store);
      expectEqual(ids(rest), ["b", "other", "x", "y", "z"], "what is queued");
      expectEqual(rest[2]?.body, "second", "the first that was not refused");
      expectEqual(
        await store.broker.holders(["taken", "free"]),
        ["b", "y"],
        "the holders",
      );
    },
  },
];
