/**
 * Workers that stand still for longer than their lease, and go on.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Entry, Flow, refusedBy, TASKS } from "./fixtures/flow.ts";
import { onEachServer } from "./fixtures/servers.ts";

onEachServer(
  "what a frozen worker brings late does not count",
  async (server) => {
    await using flow = await Flow.on(server);
    const frozen = flow.worker("frozen@chaos");
    const other = flow.worker("other@chaos");
    const runsOf = async ({ pid }: { readonly pid: number }) =>
      (await flow.runs()).filter((run) => run.pid === pid).length;
    flow.send();
    await flow.executed(TASKS / 8);

    frozen.kill("SIGSTOP");
    const silentAt = await runsOf(frozen);
    await other.line(/Worker frozen@chaos fell silent; [1-9]\d* of its tasks/);
    // What went back is served first: it is long done after so many.
    await flow.executed((await flow.runs()).length + TASKS / 10);
    assertEquals(await runsOf(frozen), silentAt, "it was not frozen");
    frozen.kill("SIGCONT");
    await frozen.line(/silent for longer than its lease of 2000 ms/);
    const wokenAt = {
      frozen: await runsOf(frozen),
      other: await runsOf(other),
    };
    const books = new Map((await flow.settled()).map((one) => [one.id, one]));
    const ofFrozen = (await flow.runs()).filter(({ pid }) =>
      pid === frozen.pid
    );
    const late = new Set(ofFrozen.slice(silentAt).map(({ n }) => n));

    const refused = refusedBy(frozen).map((id) => books.get(id));
    for (const entry of refused) {
      assertEquals(entry?.losses, 1);
      // Once awake, it may be the one to run a task again, also one that it
      // had not begun before.
      const own = entry?.runs.filter(({ pid }) => pid === frozen.pid) ?? [];
      const isOnly = entry?.runs.length === 1 && late.has(own[0]?.n ?? -1);
      if (own.length > 1 || isOnly) continue;
      assertEquals(entry?.worker, "other@chaos", "the second run counts");
    }
    const ranTwice = (entry: Entry | undefined) => entry?.runs.length === 2;
    assert(refused.some(ranTwice), "nothing came late");
    // Both went on.
    assert(await runsOf(frozen) > wokenAt.frozen + TASKS / 100);
    assert(await runsOf(other) > wokenAt.other + TASKS / 100);
  },
);
