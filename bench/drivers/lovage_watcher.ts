/**
 * Watches the events of Lovage's workers, in a process of its own, and says
 * how many it has heard of tasks.
 *
 * @module
 */

import { app } from "./lovage_tasks.ts";

const REPORT_EVERY = 200;

let heard = 0;
let told = 0;
setInterval(() => {
  if (heard === told) return;
  told = heard;
  console.log(JSON.stringify({ heard }));
}, REPORT_EVERY);
await using stream = await app.events.stream();
for await (const { uuid } of stream) if (uuid !== undefined) heard++;
