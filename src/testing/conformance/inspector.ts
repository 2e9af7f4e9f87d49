/**
 * What every inspector promises.
 *
 * @module
 */

import type { LiveFilter, LiveTask, Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import { allPages, consumer, ids, message, reserve } from "./fixtures.ts";
import type { Suite } from "./harness.ts";

/** All that fits a filter, read in pages. */
function listAll(
  store: Store,
  filter: LiveFilter,
  limit = 2,
): Promise<LiveTask[]> {
  return allPages(limit, (page) => store.inspector.tasks(filter, page));
}

/** The suite of the inspector port. */
export const inspectorSuite: Suite = {
  name: "inspector",
  cases: [
    {
      name: "live tasks are found, wherever they are",
      async run({ store, clock }) {
        const eta = clock.now() + 1_000;
        const running = message("running", { priority: 0 });
        const scheduled = message("scheduled", { eta, queue: "other" });
        await store.broker.publish([message("queued"), running, scheduled]);
        await reserve(store, { limit: 1 });
        await store.broker.cancel([{
          id: "running",
          terminate: false,
          rememberUntil: eta,
        }]);
        const rest = { consumer: null, losses: 0, cancelled: false };
        const order = ["scheduled", "none", "running", "queued"];
        expectEqual(await store.inspector.find(order), [
          { ...scheduled, status: "scheduled", ...rest },
          undefined,
          {
            ...running,
            status: "running",
            ...rest,
            consumer: "c1",
            cancelled: true,
          },
          { ...message("queued"), status: "queued", ...rest },
        ], "the tasks");
      },
    },
    {
      name: "queued tasks are listed in the order of arrival",
      async run({ store, clock }) {
        const eta = clock.now() + 1_000;
        await store.broker.publish([
          message("held", { priority: 0 }),
          message("a", { priority: 9 }),
          message("b", { queue: "other" }),
          message("later", { eta }),
          message("c", { priority: 1 }),
          message("d"),
          message("e", { queue: "other", priority: 2 }),
        ]);
        await reserve(store, { limit: 1 });
        const all = ids(await listAll(store, { status: "queued" }));
        expectEqual(all, ["a", "b", "c", "d", "e"], "all");
        const of = async (queue: string) =>
          ids(await listAll(store, { status: "queued", queue }));
        expectEqual(await of("default"), ["a", "c", "d"], "one queue");
        expectEqual(await of("other"), ["b", "e"], "the other queue");
        expectEqual(await of("none"), [], "no queue");
      },
    },
    {
      name: "scheduled tasks are listed by eta",
      async run({ store, clock }) {
        const at = (ms: number) => ({ eta: clock.now() + ms });
        await store.broker.publish([
          message("c", at(3_000)),
          message("a", at(1_000)),
          message("e", { ...at(5_000), queue: "other" }),
          message("d", { ...at(4_000), queue: "default" }),
          message("b", { ...at(2_000), queue: "other" }),
          message("now"),
        ]);
        const all = ids(await listAll(store, { status: "scheduled" }));
        expectEqual(all, ["a", "b", "c", "d", "e"], "all");
        const filter = { status: "scheduled", queue: "other" } as const;
        expectEqual(ids(await listAll(store, filter)), ["b", "e"], "a queue");
      },
    },
    {
      name: "scheduled tasks of one eta are all listed",
      async run({ store, clock }) {
        const eta = clock.now() + 1_000;
        const names = ["a", "b", "c", "d", "e"];
        await store.broker.publish(names.map((id) => message(id, { eta })));
        const all = ids(await listAll(store, { status: "scheduled" }));
        expectEqual(all, names, "all");
      },
    },
    {
      name: "running tasks are listed with their consumers",
      async run({ store }) {
        await store.broker.publish([
          message("a"),
          message("b", { queue: "other" }),
          message("c"),
        ]);
        await reserve(store, { limit: 1, consumer: "c2" });
        await reserve(store, { queues: ["default", "other"] });
        const all = await listAll(store, { status: "running" });
        expectEqual(
          all.map(({ id, consumer }) => [id, consumer]),
          [["a", "c2"], ["b", "c1"], ["c", "c1"]],
          "all",
        );
        const filter = { status: "running", queue: "default" } as const;
        expectEqual(ids(await listAll(store, filter)), ["a", "c"], "a queue");
      },
    },
    {
      name: "queues are counted, by name",
      async run({ store, clock }) {
        expectEqual(await store.inspector.queues(), [], "nothing yet");
        const eta = clock.now() + 1_000;
        await store.broker.publish([
          message("a"),
          message("b"),
          message("c"),
          message("d", { eta }),
          message("e", { queue: "another", eta }),
          message("f", { queue: "another", eta }),
        ]);
        await reserve(store, { limit: 1 });
        const paused = false;
        expectEqual(await store.inspector.queues(), [
          { queue: "another", queued: 0, scheduled: 2, running: 0, paused },
          { queue: "default", queued: 2, scheduled: 1, running: 1, paused },
        ], "the counts");
      },
    },
    {
      name: "consumers are listed with what they hold, by name",
      async run({ store, clock }) {
        const two = consumer("c2", { name: "a@tests", details: {} });
        const one = consumer("c1", {
          name: "b@tests",
          details: { pool: "async", counters: { done: 7 }, queues: ["x"] },
        });
        await store.broker.heartbeat(one);
        await store.broker.heartbeat(two);
        const seenAt = clock.now();
        clock.advance(500);
        await store.broker.heartbeat(one);
        await store.broker.publish([message("a"), message("b")]);
        await reserve(store);
        expectEqual(await store.inspector.consumers(), [
          { ...two, seenAt, held: 0 },
          { ...one, seenAt: seenAt + 500, held: 2 },
        ], "the consumers");
      },
    },
  ],
};
