/**
 * Answers about schedules that get lost on the way: what was asked is asked
 * again, is done once, and is answered as it was the first time.
 */

import { assert, assertEquals } from "@std/assert";
import type { Firing, ScheduleRecord, Store } from "../../src/contracts/mod.ts";
import {
  eventually,
  ids,
  message,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { startProxy } from "./fixtures/postgres_proxy.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

/** Loses the answer to a call once `isDone`, and returns the second one. */
type Lose = <T>(
  call: () => Promise<T>,
  isDone: () => Promise<boolean>,
  meanwhile: () => Promise<unknown>,
) => Promise<T>;

function losingAnswers(
  name: string,
  run: (store: Store, other: Store, lose: Lose) => Promise<void>,
): void {
  test(name, async ({ server, open }) => {
    const proxy = startProxy(server.port);
    const url = server.url().replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = await open({ url });
    try {
      await run(store, await open(), async (call, isDone, meanwhile) => {
        proxy.holdAnswers(true);
        const calling = call();
        await eventually("the call", isDone);
        await meanwhile();
        proxy.holdAnswers(false);
        proxy.cut();
        return await calling;
      });
    } finally {
      await store.close();
      await proxy.close();
    }
  });
}

function entry(name: string, body = "{}") {
  return { name, body, dueAt: 5_000 };
}

function firing({ name, revision, dueAt }: ScheduleRecord): Firing {
  assert(dueAt !== null);
  const messages = [message(`${name}-${dueAt}`)];
  return { name, revision, dueAt, nextAt: dueAt, state: "fired", messages };
}

async function fetch(store: Store, name: string): Promise<ScheduleRecord> {
  const [found] = await store.scheduler.fetch([name]);
  assert(found);
  return found;
}

losingAnswers(
  "a firing whose answer was lost is not fired again",
  async (store, other, lose) => {
    const { scheduler } = store;
    await scheduler.put([entry("a"), entry("b"), entry("warm")]);
    await scheduler.fire([firing(await fetch(store, "warm"))]);
    const [a, b] = [await fetch(store, "a"), await fetch(store, "b")];
    await reserve(other);
    const answer = await lose(
      () => scheduler.fire([firing({ ...a, revision: 99 }), firing(b)]),
      async () => (await fetch(other, "b")).state === "fired",
      async () => {
        const [done] = await reserve(other);
        assert(done);
        await other.broker.settle("c1", [settlement(done)]);
      },
    );
    assertEquals(answer, [false, true]);
    // Not even here, where the entry is due as it was before.
    assertEquals((await fetch(other, "b")).dueAt, 5_000);
    assertEquals(ids(await reserve(other)), []);
  },
);

losingAnswers(
  "a put whose answer was lost counts once, and overwrites nothing",
  async ({ scheduler }, other, lose) => {
    await scheduler.put([entry("a")]);
    const answer = await lose(
      () =>
        scheduler.put([
          entry("a", "second"),
          { ...entry("b"), expected: null },
          { ...entry("c"), expected: 7 },
        ]),
      async () => (await fetch(other, "a")).body === "second",
      () => other.scheduler.put([entry("a", "third")]),
    );
    assertEquals(answer, [2, 2, null]);
    assertEquals((await fetch(other, "a")).body, "third");
    assertEquals((await other.scheduler.leader()).revision, 3);
  },
);

losingAnswers(
  "a removal whose answer was lost removes nothing that was written since",
  async ({ scheduler }, other, lose) => {
    await scheduler.put([entry("a"), entry("warm")]);
    await scheduler.remove(["warm"]);
    const answer = await lose(
      () => scheduler.remove(["a", "nobody"]),
      async () => (await other.scheduler.fetch(["a"]))[0] === null,
      () => other.scheduler.put([entry("a", "anew")]),
    );
    assertEquals(answer, [true, false]);
    assertEquals((await fetch(other, "a")).body, "anew");
    assertEquals((await other.scheduler.leader()).revision, 4);
  },
);
