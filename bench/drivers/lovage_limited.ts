/**
 * A worker of tasks with limits, in a process of its own. It reports as every
 * worker does, and when each task with limits ran.
 *
 * @module
 */

import { drive } from "./driver.mjs";
import { app, noop, seen } from "./lovage_limited_tasks.ts";
import type { Payload } from "./lovage_tasks.ts";

// Between two reports, in milliseconds.
const REPORT_EVERY = 100;

interface Settings {
  /** The queue that it serves. */
  readonly queue?: string;
  /** How many tasks run at a time. */
  readonly concurrency?: number;
}

function produce() {
  return Promise.resolve({
    add: (payload: Payload) => noop.delay(payload),
    addMany: (payloads: Payload[]) =>
      app.sendMany(payloads.map((payload) => noop.s(payload))),
  });
}

async function work(
  { queue = "default", concurrency = 100 }: Settings,
  ran: (payload: Payload) => void,
): Promise<void> {
  seen.ran = ran;
  setInterval(() => {
    const { runs } = seen;
    seen.runs = [];
    if (runs.length > 0) console.log(JSON.stringify({ runs }));
  }, REPORT_EVERY);
  await app.worker({ pool: "async", queues: [queue], concurrency });
}

await drive({ produce, work });
