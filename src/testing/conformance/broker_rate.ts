/**
 * What every broker promises of limits on how many are leased within a span.
 *
 * A store may count in steps of a hundredth of the span, and always does so
 * to the safe side: room may come that much late, and never early.
 *
 * @module
 */

import type { FakeClock } from "../fake_clock.ts";
import { expectEqual, expectTrue } from "./expect.ts";
import {
  ids,
  limited,
  publishLimited,
  rate,
  reserve,
  reserveOne,
  settlement,
  slots,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const DAY = 86_400_000;

/** Lets so much time pass that what was taken `ms` ago counts no more. */
function pass(clock: FakeClock, ms: number): void {
  clock.advance(ms + Math.ceil(ms / 100) + 2);
}

/** The cases of rate limits. */
export const rateCases: readonly ConformanceCase[] = [
  {
    name: "no more are leased within a span than a rate says",
    async run({ store, clock, another }) {
      const other = await another();
      const names = ["a", "b", "c", "d", "e"];
      await publishLimited(store, names, rate("k", 2));
      expectEqual(ids(await reserve(store)), ["a", "b"], "at first");
      expectEqual(await reserve(other, { consumer: "c2" }), [], "no room");
      clock.advance(999);
      expectEqual(await reserve(store), [], "before the span is over");
      clock.advance(14);
      expectEqual(ids(await reserve(other)), ["c", "d"], "then");
      pass(clock, 1_000);
      expectEqual(ids(await reserve(store)), ["e"], "in the end");
    },
  },
  {
    name: "the span slides",
    async run({ store, clock }) {
      const names = ["a", "b", "c", "d", "e", "f", "g"];
      await publishLimited(store, names, rate("k", 3));
      expectEqual(ids(await reserve(store, { limit: 2 })), ["a", "b"], "two");
      clock.advance(500);
      expectEqual(ids(await reserve(store)), ["c"], "the third");
      clock.advance(515);
      expectEqual(ids(await reserve(store)), ["d", "e"], "for the first two");
      clock.advance(484);
      expectEqual(await reserve(store), [], "before the third is over");
      clock.advance(30);
      expectEqual(ids(await reserve(store)), ["f"], "for the third");
    },
  },
  {
    name: "a rate is used up and never overshot",
    async run({ store, clock }) {
      const most = 20;
      await store.broker.publish(
        Array.from(
          { length: 200 },
          (_, at) => limited(`m${at}`, rate("k", most)),
        ),
      );
      const starts: number[] = [];
      for (let step = 0; step < 400; step++) {
        const taken = await reserve(store, { limit: 1 + step % 7 });
        for (const _ of taken) starts.push(clock.now());
        if (taken.length > 0) {
          await store.broker.settle("c1", taken.map((one) => settlement(one)));
        }
        clock.advance(3 + step % 17);
      }
      starts.forEach((start, at) => {
        const end = starts[at + most];
        expectTrue(
          end === undefined || end - start >= 1_000,
          `no more than ${most} from ${start} on`,
        );
      });
      const span = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
      const per = starts.length / (span / 1_000);
      expectTrue(per > 0.95 * most, `at least 19 in a second, not ${per}`);
    },
  },
  {
    name: "what is taken of a rate is not given back",
    async run({ store, clock }) {
      const batch = [limited("a", rate("k", 1)), limited("b", rate("k", 1))];
      await store.broker.publish(batch);
      const a = await reserveOne(store);
      await store.broker.settle("c1", [settlement(a, { kind: "release" })]);
      expectEqual(await reserve(store), [], "after a release");
      pass(clock, 1_000);
      const again = await reserveOne(store, { limit: 100 });
      expectEqual(again.id, "a", "a span later");
      await store.broker.settle("c1", [settlement(again)]);
      await store.broker.leave("c1");
      expectEqual(await reserve(store), [], "after an acknowledgement");
    },
  },
  {
    name: "the message to be leased says how many may be",
    async run({ store, clock }) {
      const most = [2, 2, 2, 4, 4, 4, 1];
      await store.broker.publish(
        most.map((most, at) => limited(`m${at}`, rate("k", most))),
      );
      expectEqual(ids(await reserve(store)), ["m0", "m1"], "two");
      pass(clock, 1_000);
      const next = ids(await reserve(store));
      expectEqual(next, ["m2", "m3", "m4", "m5"], "four");
      clock.advance(500);
      expectEqual(await reserve(store), [], "none for one");
      pass(clock, 1_000);
      expectEqual(ids(await reserve(store)), ["m6"], "one");
    },
  },
  {
    name: "rates of all spans, also several at once",
    async run({ store, clock }) {
      const both = [rate("quick", 1, 10), rate("slow", 3, DAY)];
      await store.broker.publish(
        Array.from({ length: 5 }, (_, at) => limited(`m${at}`, ...both)),
      );
      for (const at of [0, 1, 2]) {
        expectEqual(ids(await reserve(store)), [`m${at}`], "one at a time");
        clock.advance(9);
        expectEqual(await reserve(store), [], "too early");
        clock.advance(4);
      }
      expectEqual(await reserve(store), [], "the slow one has no room");
      clock.advance(DAY - 1_000);
      expectEqual(await reserve(store), [], "a second before the day is over");
      pass(clock, DAY / 100);
      expectEqual(ids(await reserve(store)), ["m3"], "after the day");
    },
  },
  {
    name: "what a rate holds back does not hold up other rates",
    async run({ store }) {
      await store.broker.publish(
        ["a", "b"].flatMap((key) =>
          [1, 2, 3].map((at) => limited(`${key}${at}`, rate(key, 2)))
        ),
      );
      const taken = ids(await reserve(store)).sort();
      expectEqual(taken, ["a1", "a2", "b1", "b2"], "taken");
    },
  },
  {
    name: "a rate and a concurrency together",
    async run({ store, clock }) {
      const both = [rate("k", 3), slots("k", 2)];
      const names = ["a", "b", "c", "d"];
      await publishLimited(store, names, ...both);
      const held = await reserve(store);
      expectEqual(ids(held), ["a", "b"], "two at a time");
      await store.broker.settle("c1", held.map((one) => settlement(one)));
      const [third, ...none] = await reserve(store);
      expectEqual([third?.id, none], ["c", []], "three in a second");
      pass(clock, 1_000);
      expectEqual(ids(await reserve(store)), ["d"], "then");
    },
  },
];
