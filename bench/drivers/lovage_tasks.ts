/**
 * The app whose tasks are measured, and its worker's module.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

/** What every task carries. */
export interface Payload {
  readonly n: number;
  readonly pad: string;
  readonly sentAt?: number;
}

export const app = new Lovage("bench", {
  brokerUrl: Deno.env.get("BENCH_URL"),
});

/** Told of every task that runs in this isolate. */
export const seen = { ran: (_payload: Payload): void => {} };

function doNothing(payload: Payload): number {
  seen.ran(payload);
  return payload.n;
}

/** Does nothing; its result is stored. */
export const noop = app.task("bench.noop", doNothing);

/** Never lets go of its core. */
export const spin = app.task("bench.spin", { trackStarted: true }, () => {
  for (;;);
});

/** The body of a chord: takes the list. */
export const first = app.task(
  "bench.first",
  (list: readonly number[]): number => list[0] ?? 0,
);

/** Does nothing; its result is not stored. */
export const bare = app.task("bench.bare", { ignoreResult: true }, doNothing);
