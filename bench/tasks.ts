/**
 * The app whose tasks are measured.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

export const app = new Lovage("bench");
app.configFromEnv();

/** Does nothing, with a payload of about a hundred bytes. */
export const noop = app.task("bench.noop", (n: number, _payload: string) => n);

/** Says how long it took to get here from another process, in ms. */
export const pickup = app.task(
  "bench.pickup",
  (sentAt: number) => performance.timeOrigin + performance.now() - sentAt,
);

/** What every task carries. */
export const PAYLOAD = "x".repeat(80);
