/**
 * A beat in a process of its own. It says how many tasks it has sent so far,
 * and when the store had accepted the last of them.
 *
 * @module
 */

import { app } from "./lovage_tasks.ts";

// From a task that was sent to the report, in milliseconds. While nothing is
// sent nothing is done here: that is measured, too.
const REPORT_AFTER = 10;

let sent = 0;
let at = 0;
let isReporting = false;

app.on("afterTaskPublish", () => {
  sent++;
  at = performance.timeOrigin + performance.now();
  if (isReporting) return;
  isReporting = true;
  setTimeout(() => {
    isReporting = false;
    console.log(JSON.stringify({ sent, at }));
  }, REPORT_AFTER);
});
await app.beat();
await new Promise<void>((resolve) =>
  Deno.addSignalListener("SIGTERM", resolve)
);
