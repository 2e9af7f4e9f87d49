/**
 * The pipeline at work: a worker and a producer in one process, and three
 * tables. One is sound, one cannot be read, and one cannot be scored.
 *
 * Run it with `deno run -A examples/pipeline/main.ts`. No server is needed:
 * tasks wait in ./lovage.db, which is made by that.
 *
 * To have workers in processes of their own, leave out the one here and start
 * as many as you like: `lovage worker --app examples/pipeline/tasks.ts`.
 *
 * @module
 */

import { alertId, pipeline } from "./pipeline.ts";
import { app } from "./tasks.ts";

await using _app = app;
await using _worker = await app.worker({ pool: "async" });

await show("sound", "Ada, 2, 120\nBen, 1, 20\nCy, 2, 70\nDee, 1, 45");
await show("unreadable", "Ada, 2, 120\nBen; 1; 20");
await show("unscorable", "Ada, 2, 120\nBen, 0, 0");

/** Sends the pipeline and prints what becomes of it. */
async function show(what: string, table: string): Promise<void> {
  const run = `${what}-${crypto.randomUUID()}`;
  const result = await pipeline(run, table, "ops@example.com").delay();
  try {
    print(what, await result.get({ timeout: "10s" }));
  } catch (error) {
    print(what, error instanceof Error ? error.name : String(error));
    const alert = app.AsyncResult<string>(alertId(run));
    print("alert", await alert.get({ timeout: "10s" }));
  }
}

function print(what: string, text: string): void {
  console.log(`${what.padEnd(12)}${text}`);
}
