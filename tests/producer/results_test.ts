import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, type Lovage, type ResultQuery } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { type Lab, onEachStore, onMemory, untyped } from "../_helpers.ts";

/** An app on which two tasks have succeeded and two have failed. */
async function history(lab: Lab): Promise<{ app: Lovage; ids: string[] }> {
  const clock = new FakeClock(0);
  const app = lab.app({ clock });
  const good = app.task("good", (n: number) => n);
  const bad = app.task("bad", (n: number) => {
    throw new RangeError(`bad ${n}`);
  });
  const ids: string[] = [];
  for (const task of [good, bad, good, bad]) {
    ids.push((await task.delay(ids.length)).id);
    await drain(app);
    clock.advance(1_000);
  }
  return { app, ids };
}

onEachStore("query() finds results, the latest first", async (lab) => {
  const { app, ids } = await history(lab);
  const { items, cursor } = await app.results.query();
  assertEquals(cursor, null);
  assertEquals(items.map(({ id }) => id), ids.toReversed());
  const [failed, succeeded] = items;
  assertEquals(failed?.state, "FAILURE");
  assertEquals(String(failed?.info), "RangeError: bad 3");
  assertEquals(failed?.updatedAt, new Date(3_000));
  assertEquals([succeeded?.result, succeeded?.task], [2, "good"]);
  assertEquals(await succeeded?.handle.get(), 2);
});

onEachStore("query() filters by state, task, worker and time", async (lab) => {
  const { app, ids } = await history(lab);
  const find = async (query: ResultQuery) =>
    (await app.results.query(query)).items.map(({ id }) => ids.indexOf(id));
  assertEquals(await find({ state: "FAILURE" }), [3, 1]);
  assertEquals(await find({ task: "good" }), [2, 0]);
  assertEquals(await find({ state: "SUCCESS", task: "bad" }), []);
  assertEquals(await find({ since: new Date(1_000) }), [3, 2, 1]);
  assertEquals(await find({ until: new Date(1_000) }), [0]);
  assertEquals(
    await find({
      since: new Date(1_000),
      until: "1970-01-01T00:00:03Z",
      state: "SUCCESS",
    }),
    [2],
  );
  const [{ worker = "" } = {}] = (await app.results.query()).items;
  assertEquals((await find({ worker })).length, 4);
  assertEquals(await find({ worker: "nobody@nowhere" }), []);
});

onEachStore("query() goes on from page to page", async (lab) => {
  const { app, ids } = await history(lab);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.results.query({ limit: 3, cursor });
    found.push(...page.items.map(({ id }) => id));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  assertEquals(found, ids.toReversed());
});

onEachStore("countByState() counts", async (lab) => {
  const { app } = await history(lab);
  assertEquals(await app.results.countByState(), { FAILURE: 2, SUCCESS: 2 });
});

onMemory("query() refuses what it does not know", async (lab) => {
  const { results } = lab.app();
  await assertRejects(
    () => results.query(untyped({ sate: "FAILURE" })),
    ConfigError,
    'Did you mean "state"?',
  );
  await assertRejects(() => results.query({ limit: 0 }), ConfigError);
  await assertRejects(
    () => results.query({ since: "yesterday" }),
    ConfigError,
    "a point in time",
  );
});
