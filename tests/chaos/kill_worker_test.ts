/**
 * kill -9 of workers, again and again, while tasks run.
 *
 * @module
 */

import { assert } from "@std/assert";
import { Flow, type FlowServer, TASKS } from "./fixtures/flow.ts";
import { onEachServer } from "./fixtures/servers.ts";
import { sqliteFile } from "./fixtures/sqlite_file.ts";

/** A worker runs so many tasks before it is killed. */
const RUNS = 100;

onEachServer("workers that are killed lose no task", async (server) => {
  await killWorkers(server, { tasks: TASKS, kills: 8 });
});

Deno.test("workers that are killed lose no task (sqlite)", async () => {
  await using file = await sqliteFile();
  await killWorkers(file, { tasks: TASKS / 4, kills: 20 });
});

async function killWorkers(
  server: FlowServer,
  { tasks, kills }: { readonly tasks: number; readonly kills: number },
): Promise<void> {
  await using flow = await Flow.on(server, tasks);
  flow.send();
  for (let kill = 1; kill <= kills; kill++) {
    const goal = (await flow.runs()).length + RUNS;
    const pool = kill % 2 === 0 ? "async" : "isolate";
    const worker = flow.worker(`killed${kill}@chaos`, pool);
    await flow.executed(goal);
    await flow.kill(worker);
  }
  flow.worker("last@chaos");
  flow.worker("isolated@chaos", "isolate");
  const books = await flow.settled();
  const lost = books.filter(({ losses }) => losses > 0);
  assert(lost.length >= kills, "no lease was lost");
  const again = books.filter(({ runs }) => runs.length > 1);
  assert(again.length <= tasks / 10, `${again.length} ran more than once`);
}
