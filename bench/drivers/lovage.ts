/**
 * Lovage as a contestant: a producer or a worker, in a process of its own.
 *
 * @module
 */

import { Monitor } from "../../src/worker/monitor.ts";
import { CUT } from "../measures/events.ts";
import { drive } from "./driver.mjs";
import { app, bare, noop, type Payload, seen } from "./lovage_tasks.ts";

interface Settings {
  /** Whether results are stored. */
  readonly results: boolean;
  /** The pool, and how many isolates: "async", "isolate x 2". */
  readonly variant: string;
}

function produce({ results }: Settings) {
  const task = results ? noop : bare;
  return Promise.resolve({
    add: (payload: Payload) => task.delay(payload),
    addMany: (payloads: Payload[]) =>
      app.sendMany(payloads.map((payload) => task.s(payload))),
    call: async (payload: Payload) =>
      await (await noop.delay(payload)).get({ timeout: "20s" }),
  });
}

async function work(
  { variant }: Settings,
  ran: (payload: Payload) => void,
): Promise<(() => number) | void> {
  seen.ran = ran;
  if (variant === CUT) cutMonitor();
  const [pool, concurrency] = variant.split(/ x | without /);
  const worker = await app.worker({
    pool: pool as "async" | "isolate",
    module: new URL("./lovage_tasks.ts", import.meta.url).href,
    ...(Number.isNaN(Number(concurrency))
      ? {}
      : { concurrency: Number(concurrency) }),
  });
  if (pool === "async") return;
  // Its tasks run in other isolates, which know nothing of this one.
  return () => worker.totals.ended["success"] ?? 0;
}

/** What telling of tasks costs even if nobody watches is seen without it. */
function cutMonitor(): void {
  const nothing = () => {};
  Object.assign(Monitor.prototype, {
    ...{ received: nothing, started: nothing, ended: nothing },
    dropped: nothing,
  });
}

await drive({ produce, work });
