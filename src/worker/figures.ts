/**
 * Counts of each task since the worker was started, for those who ask it:
 * metrics are per worker and end with it, the history is of all workers.
 *
 * @module
 */

import type { TaskFigures } from "../control/facts.ts";
import { bucketOf, BUCKETS } from "../control/counted.ts";
import type { Held, Holding } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

type Ending = "succeeded" | "failed" | "retried" | "revoked";

type Counted =
  & {
    -readonly [K in "received" | "runSum" | Ending]: number;
  }
  & { readonly runs: number[] };

/** What each outcome counts as. */
const ENDINGS: Readonly<Partial<Record<Outcome["kind"], Ending>>> = {
  success: "succeeded",
  failure: "failed",
  lost: "failed",
  reject: "failed",
  retry: "retried",
  revoked: "revoked",
};

/** Counts for one worker. */
export class Figures {
  readonly #byTask = new Map<string, Counted>();

  /** Tasks have come. */
  received(all: readonly Held[]): void {
    for (const { envelope } of all) this.#of(envelope.task).received++;
  }

  /** A task is over. */
  ended({ envelope }: Held, { kind, startedAt, endedAt }: Outcome): void {
    const ending = ENDINGS[kind];
    if (ending === undefined) return;
    const counted = this.#of(envelope.task);
    counted[ending]++;
    if (startedAt === undefined) return;
    const ms = Math.max(0, endedAt - startedAt);
    const bucket = bucketOf(ms);
    counted.runs[bucket] = (counted.runs[bucket] ?? 0) + 1;
    counted.runSum += ms;
  }

  /** All of it, with what the worker holds at the moment. */
  read(holdings: readonly Holding[]): Readonly<Record<string, TaskFigures>> {
    const figures = [...this.#byTask].map(([task, { runs, ...counts }]) => {
      const own = holdings.filter(({ held }) => held.envelope.task === task);
      const running = own.filter(({ stage }) => stage === "running");
      return [task, {
        ...counts,
        // Pools tell of few beginnings: those that ended are counted instead.
        started: runs.reduce((sum, count) => sum + count, running.length),
        runs: [...runs],
        running: running.length,
        waiting: own.length - running.length,
        prefetched: waitOfLatest(running),
      }] as const;
    });
    return Object.fromEntries(figures);
  }

  #of(task: string): Counted {
    let counted = this.#byTask.get(task);
    if (counted === undefined) {
      counted = {
        ...{ received: 0, runSum: 0 },
        ...{ succeeded: 0, failed: 0, retried: 0, revoked: 0 },
        runs: new Array<number>(BUCKETS).fill(0),
      };
      this.#byTask.set(task, counted);
    }
    return counted;
  }
}

/** How long the one that began last had waited in the worker, in ms. */
function waitOfLatest(running: readonly Holding[]): number {
  let latest = -Infinity;
  let waited = 0;
  for (const { held, run } of running) {
    if (run === undefined || run.startedAt <= latest) continue;
    latest = run.startedAt;
    waited = Math.max(0, run.startedAt - held.receivedAt);
  }
  return waited;
}
