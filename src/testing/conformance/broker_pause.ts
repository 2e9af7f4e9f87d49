/**
 * What every broker promises of paused queues.
 *
 * @module
 */

import type { Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  consumer,
  deliver,
  ids,
  letWait,
  message,
  reserve,
  settlement,
  soon,
} from "./fixtures.ts";
import type { ConformanceCase } from "./harness.ts";

const QUEUES = ["default", "other"];

async function pausedQueues(store: Store): Promise<string[]> {
  const queues = await store.inspector.queues();
  return queues.filter(({ paused }) => paused).map(({ queue }) => queue);
}

/** The cases of paused queues. */
export const pauseCases: readonly ConformanceCase[] = [
  {
    name: "a paused queue is not served until it is resumed, others are",
    async run({ store, another }) {
      const other = await another();
      await store.broker.publish([
        message("a"),
        message("b", { queue: "other" }),
      ]);
      await store.broker.pause(["default"], true);
      const queues = QUEUES;
      expectEqual(ids(await reserve(other, { queues })), ["b"], "paused");
      expectEqual(ids(await reserve(other)), [], "by itself");
      await other.broker.pause(["default"], false);
      expectEqual(ids(await reserve(store, { queues })), ["a"], "resumed");
    },
  },
  {
    name: "who waits hears that a queue is resumed",
    async run({ store, another }) {
      const other = await another();
      await store.broker.pause(["default"], true);
      await store.broker.publish([message("a")]);
      const waiting = reserve(other, { wait: true });
      await letWait();
      await store.broker.pause(["default"], false);
      expectEqual(ids(await soon("the message", waiting)), ["a"], "taken");
    },
  },
  {
    name: "what is published to a paused queue waits in it",
    async run({ store }) {
      await store.broker.pause(["default"], true);
      const waiting = new AbortController();
      const taken = reserve(store, { wait: true, signal: waiting.signal });
      await letWait();
      await store.broker.publish([message("a")]);
      await letWait();
      waiting.abort();
      expectEqual(ids(await taken), [], "what was taken");
      const [stats] = await store.inspector.queues();
      expectEqual(stats?.queued, 1, "what waits");
    },
  },
  {
    name: "what is due in a paused queue waits, in its order",
    async run({ store, clock }) {
      await store.broker.publish([
        message("late", { eta: clock.now() + 2_000 }),
        message("early", { eta: clock.now() + 1_000 }),
      ]);
      await store.broker.pause(["default"], true);
      clock.advance(3_000);
      expectEqual(ids(await reserve(store)), [], "while it is paused");
      await store.broker.pause(["default"], false);
      expectEqual(ids(await reserve(store)), ["early", "late"], "then");
    },
  },
  {
    name: "what is leased goes on, and what goes back waits",
    async run({ store }) {
      const done = await deliver(store, "done");
      const back = await deliver(store, "back");
      await store.broker.pause(["default"], true);
      const answers = await store.broker.settle("c1", [
        settlement(done),
        settlement(back, { kind: "release" }),
      ]);
      expectEqual(answers, [true, true], "the settlements");
      expectEqual(ids(await reserve(store)), [], "while it is paused");
      await store.broker.pause(["default"], false);
      expectEqual(ids(await reserve(store)), ["back"], "then");
    },
  },
  {
    name: "paused queues are listed, also empty ones",
    async run({ store, another }) {
      await store.broker.heartbeat(consumer("c1"));
      await store.broker.publish([message("a"), message("b", { queue: "b" })]);
      await store.broker.pause(["default", "nobody's \u{1F331}"], true);
      await store.broker.pause(["default"], true);
      const other = await another();
      expectEqual(
        await pausedQueues(other),
        ["default", "nobody's \u{1F331}"],
        "paused",
      );
      await other.broker.purge(["default"]);
      await other.broker.pause(["never paused"], false);
      await other.broker.pause([], true);
      await other.broker.pause(["nobody's \u{1F331}"], false);
      expectEqual(await pausedQueues(store), ["default"], "in the end");
    },
  },
];
