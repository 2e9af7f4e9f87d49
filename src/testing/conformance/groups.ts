/**
 * What a store promises about groups that something waits for.
 *
 * @module
 */

import type { GroupEnd, GroupPlan, Store } from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import {
  ids,
  message,
  record,
  reserve,
  reserveOne,
  settlement,
} from "./fixtures.ts";
import type { ConformanceCase, Suite } from "./harness.ts";

const BODY_QUEUE = "bodies";

function plan(id: string, size: number, rest: Partial<GroupPlan> = {}) {
  const body = message(`${id}-body`, { queue: BODY_QUEUE });
  return { id, size, body, expiresAt: null, ...rest } satisfies GroupPlan;
}

function end(group: string, index: number, failed = false): GroupEnd {
  return { group, index, failed };
}

async function bodies(store: Store): Promise<string[]> {
  return ids(await reserve(store, { queues: [BODY_QUEUE] }));
}

function members(group: string, size: number, from = 0) {
  return Array.from(
    { length: size },
    (_, at) => message(`${group}${from + at}`),
  );
}

/** Settles the members of a group that are reserved, well or not. */
async function endAll(
  store: Store,
  group: string,
  failed: (index: number) => boolean = () => false,
  limit = 100,
): Promise<void> {
  const deliveries = await reserve(store, { limit });
  await store.broker.settle(
    "c1",
    deliveries.map((one) => {
      const index = Number(one.id.slice(group.length));
      return settlement(one, { kind: "ack" }, {
        result: record(one.id, failed(index) ? FAILED : {}),
        ends: [end(group, index, failed(index))],
      });
    }),
  );
}

const FAILED = { state: "FAILURE", value: null, error: "{}" };

const settledCases: readonly ConformanceCase[] = [
  {
    name: "the body is published with the end of the last member",
    async run({ store }) {
      const groups = [plan("g", 3)];
      await store.broker.publish(members("g", 3), { groups });
      const [a, b, c] = await reserve(store);
      if (!a || !b || !c) throw new Error("Expected three deliveries");
      const ended = (one: typeof a, index: number) =>
        settlement(one, { kind: "ack" }, {
          result: record(one.id),
          ends: [end("g", index)],
        });
      await store.broker.settle("c1", [ended(a, 0), ended(b, 1)]);
      expectEqual(await bodies(store), [], "before the last one");
      await store.broker.settle("c1", [ended(c, 2)]);
      const [body] = await reserve(store, { queues: [BODY_QUEUE] });
      expectEqual(
        [body?.id, body?.body, body?.task],
        ["g-body", message("g-body").body, "tests.task"],
        "the body",
      );
    },
  },
  {
    name: "the first failure publishes the body, and nothing does again",
    async run({ store }) {
      await store.broker.publish(members("g", 4), { groups: [plan("g", 4)] });
      const all = await reserve(store);
      const ended = (at: number, failed: boolean) => {
        const one = all[at];
        if (one === undefined) throw new Error("Expected a delivery");
        return settlement(one, { kind: "ack" }, {
          result: record(one.id, failed ? FAILED : {}),
          ends: [end("g", at, failed)],
        });
      };
      await store.broker.settle("c1", [ended(1, true)]);
      const [body] = await reserve(store, { queues: [BODY_QUEUE] });
      if (body === undefined) throw new Error("Expected the body");
      await store.broker.settle("c1", [settlement(body)]);
      await store.broker.settle("c1", [ended(0, false), ended(2, true)]);
      await store.broker.settle("c1", [ended(3, false)]);
      expectEqual(await bodies(store), [], "what is published after that");
    },
  },
  {
    name: "failures and ends of one batch publish the body once",
    async run({ store }) {
      await store.broker.publish(members("g", 5), { groups: [plan("g", 5)] });
      await endAll(store, "g", (index) => index > 2);
      expectEqual(await bodies(store), ["g-body"], "what is published");
    },
  },
  {
    name: "a settlement that is stale counts nothing",
    async run({ store }) {
      await store.broker.publish(members("g", 2), { groups: [plan("g", 2)] });
      const [a, b] = await reserve(store);
      if (!a || !b) throw new Error("Expected two deliveries");
      const ended = (one: typeof a, index: number) =>
        settlement(one, { kind: "ack" }, { ends: [end("g", index)] });
      await store.broker.settle("c1", [ended(a, 0)]);
      expectEqual(
        await store.broker.settle("c1", [
          ended(a, 0),
          { ...ended(b, 1), token: b.token + 1 },
        ]),
        [false, false],
        "the answer",
      );
      expectEqual(await bodies(store), [], "what is published");
      await store.broker.settle("c1", [ended(b, 1)]);
      expectEqual(await bodies(store), ["g-body"], "what is published then");
    },
  },
  {
    name: "a settlement begins a group with its members",
    async run({ store }) {
      await store.broker.publish([message("first")]);
      const first = await reserveOne(store);
      await store.broker.settle("c1", [
        settlement(first, { kind: "ack" }, {
          publish: members("g", 2),
          groups: [plan("g", 2)],
        }),
      ]);
      expectEqual(await bodies(store), [], "before its members end");
      await endAll(store, "g");
      expectEqual(await bodies(store), ["g-body"], "what is published");
    },
  },
  {
    name: "a stale settlement begins no group",
    async run({ store }) {
      await store.broker.publish([message("first")]);
      const first = await reserveOne(store);
      await store.broker.settle("c1", [
        settlement({ ...first, token: first.token + 1 }, { kind: "ack" }, {
          publish: members("g", 1),
          groups: [plan("g", 1)],
        }),
      ]);
      await store.broker.publish(members("g", 1));
      await endAll(store, "g");
      expectEqual(await bodies(store), [], "what is published");
    },
  },
  {
    name: "the end of a group can be the end of a member of another",
    async run({ store }) {
      const inner = plan("inner", 1);
      const outer = plan("outer", 2);
      await store.broker.publish(
        [message("inner0"), message("outer1")],
        { groups: [inner, outer] },
      );
      const [a, b] = await reserve(store);
      if (!a || !b) throw new Error("Expected two deliveries");
      await store.broker.settle("c1", [
        settlement(a, { kind: "ack" }, { ends: [end("inner", 0)] }),
        settlement(b, { kind: "ack" }, { ends: [end("outer", 1)] }),
      ]);
      const [body] = await reserve(store, { queues: [BODY_QUEUE] });
      expectEqual(body?.id, "inner-body", "what is published first");
      if (body === undefined) return;
      await store.broker.settle("c1", [
        settlement(body, { kind: "ack" }, {
          ends: [end("outer", 0), end("unknown", 0)],
        }),
      ]);
      expectEqual(await bodies(store), ["outer-body"], "and then");
    },
  },
  {
    name: "a group that is known already stays as it is",
    async run({ store }) {
      await store.broker.publish(members("g", 2), { groups: [plan("g", 2)] });
      const [a] = await reserve(store, { limit: 1 });
      if (a === undefined) throw new Error("Expected a delivery");
      await store.broker.settle("c1", [
        settlement(a, { kind: "ack" }, { ends: [end("g", 0)] }),
      ]);
      await store.broker.publish([message("other")], {
        groups: [plan("g", 2), plan("g", 7)],
      });
      const rest = await reserve(store);
      await store.broker.settle(
        "c1",
        rest.map((one) =>
          settlement(one, { kind: "ack" }, {
            ends: one.id === "g1" ? [end("g", 1)] : [],
          })
        ),
      );
      expectEqual(await bodies(store), ["g-body"], "what is published");
    },
  },
  {
    name: "a retry and a release are no ends, a dead letter can be",
    async run({ store }) {
      await store.broker.publish(members("g", 1), { groups: [plan("g", 1)] });
      const first = await reserveOne(store);
      await store.broker.settle("c1", [
        settlement(first, { kind: "requeue", message: message("g0") }),
      ]);
      const second = await reserveOne(store);
      const dead = { kind: "dead", reason: "Lost", detail: "Often" } as const;
      await store.broker.settle("c1", [
        settlement(second, dead, {
          result: record("g0", FAILED),
          ends: [end("g", 0, true)],
        }),
      ]);
      expectEqual(await bodies(store), ["g-body"], "what is published");
    },
  },
  {
    name: "a body that has a priority and waits, waits",
    async run({ store, clock }) {
      const body = message("late", {
        queue: BODY_QUEUE,
        eta: clock.now() + 5_000,
        priority: 1,
      });
      await store.broker.publish(members("g", 1), {
        groups: [plan("g", 1, { body })],
      });
      await endAll(store, "g");
      expectEqual(await bodies(store), [], "what is due now");
      clock.advance(5_000);
      const [late] = await reserve(store, { queues: [BODY_QUEUE] });
      expectEqual([late?.id, late?.priority], ["late", 1], "what is due then");
    },
  },
  {
    name: "a large group, counted by several consumers",
    async run({ store, another }) {
      const size = 3_000;
      const other = await another();
      await store.broker.publish(members("g", size), {
        groups: [plan("g", size)],
      });
      const work = async (one: Store, consumer: string) => {
        for (;;) {
          const some = await reserve(one, { consumer, limit: 500 });
          if (some.length === 0) return;
          await one.broker.settle(
            consumer,
            some.map((each) =>
              settlement(each, { kind: "ack" }, {
                result: record(each.id),
                ends: [end("g", Number(each.id.slice(1)))],
              })
            ),
          );
        }
      };
      await Promise.all([work(store, "c1"), work(other, "c2")]);
      expectEqual(await bodies(store), ["g-body"], "what is published");
    },
  },
];

const cases: readonly ConformanceCase[] = [
  ...settledCases.map(({ name, run }): ConformanceCase => ({
    name,
    // What cannot be settled at once is counted by the results alone.
    run: async (context) => {
      if (context.store.capabilities.atomicSettlement) await run(context);
    },
  })),
  {
    name: "members whose messages wait elsewhere count once each",
    async run({ store, another }) {
      const { results } = store;
      const other = await another();
      await results.openGroups([plan("g", 3), plan("h", 1)]);
      await results.openGroups([plan("g", 1)]);
      const answer = async (one: Store, ends: GroupEnd[]) =>
        ids(await one.results.endMembers(ends));
      expectEqual(await answer(store, [end("g", 0)]), [], "one of three");
      expectEqual(
        await answer(other, [end("g", 0), end("g", 1)]),
        [],
        "two of three, one of them again",
      );
      const last = [end("g", 2), end("h", 0), end("unknown", 0)];
      const found = await answer(store, last);
      expectEqual(found.sort(), ["g-body", "h-body"], "both");
      expectEqual(await answer(other, [end("g", 1)]), ["g-body"], "again");
      const [body] = await results.endMembers([end("h", 0)]);
      expectEqual(body, plan("h", 1).body, "the body");
    },
  },
  {
    name: "a member that failed completes a group that is counted so",
    async run({ store: { results } }) {
      await results.openGroups([plan("g", 3)]);
      const failed = await results.endMembers([end("g", 1, true)]);
      expectEqual(ids(failed), ["g-body"], "at the failure");
      const next = await results.endMembers([end("g", 0)]);
      expectEqual(ids(next), ["g-body"], "after it");
    },
  },
  {
    name: "groups that have expired are dropped",
    async run({ store: { results }, clock }) {
      await results.openGroups([
        plan("old", 1, { expiresAt: clock.now() + 1_000 }),
        plan("new", 1, { expiresAt: clock.now() + 9_000 }),
        plan("ever", 1),
      ]);
      clock.advance(2_000);
      expectEqual(await results.expire(100), 1, "how many were dropped");
      const ends = [end("old", 0), end("new", 0), end("ever", 0)];
      const left = ids(await results.endMembers(ends));
      expectEqual(left.sort(), ["ever-body", "new-body"], "what is left");
    },
  },
  {
    name: "nothing opened, nothing ended",
    async run({ store: { results } }) {
      await results.openGroups([]);
      expectEqual(await results.endMembers([]), [], "the answer");
    },
  },
];

const keptCases: readonly ConformanceCase[] = [
  {
    name: "a task that is kept is delivered as cancelled, at once",
    async run({ store, clock }) {
      const eta = clock.now() + 60_000;
      await store.broker.publish([
        message("queued"),
        message("scheduled", { eta }),
        message("other"),
      ]);
      const request = { terminate: false, rememberUntil: 0, keep: true };
      expectEqual(
        await store.broker.cancel([
          { id: "queued", ...request },
          { id: "scheduled", ...request },
        ]),
        ["running", "running"],
        "the outcomes",
      );
      const found = await reserve(store);
      expectEqual(
        found.map(({ id, cancelled }) => `${id} ${cancelled}`).sort(),
        ["other false", "queued true", "scheduled true"],
        "what is delivered",
      );
      expectEqual(await store.results.fetch(["queued"]), [undefined], "record");
    },
  },
];

/** The suite of groups. */
export const groupsSuite: Suite = {
  name: "groups",
  cases: [...cases, ...keptCases],
};
