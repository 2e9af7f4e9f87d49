/**
 * What has become of the tasks of an app that is drained, and whether that is
 * too much.
 *
 * @module
 */

import type { Worker } from "../worker/worker.ts";
import { AssertionError } from "./assertion_error.ts";

/**
 * How many runs ended in each state: `SUCCESS`, `FAILURE`, `RETRY`, `REVOKED`
 * (expired ones too), `IGNORED`, `REJECTED`. States that did not occur are
 * absent.
 */
export type DrainCounts = Readonly<Record<string, number>>;

/** Counts the runs of tasks while an app is drained. */
export class RunCounts {
  readonly #max: number;
  readonly #counts: Record<string, number> = {};

  /** @param max more runs than this are a fault */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many ended in each state so far. */
  get byState(): DrainCounts {
    return { ...this.#counts };
  }

  /** Counts what a worker has done that has stopped. */
  add(worker: Worker): void {
    for (const [kind, count] of Object.entries(worker.totals.ended)) {
      const state = STATES[kind];
      if (state === undefined) continue;
      this.#counts[state] = (this.#counts[state] ?? 0) + count;
    }
  }

  /** Whether there are too many, with those of this worker. */
  isOver(worker: Worker): boolean {
    return sum(this.#counts) + sum(worker.totals.ended) > this.#max;
  }

  /** @throws {AssertionError} when there were too many */
  check(): void {
    const runs = sum(this.#counts);
    if (runs <= this.#max) return;
    throw new AssertionError(
      `drain() has run ${runs} tasks and there are more: does a task send itself? Otherwise raise max (${this.#max})`,
    );
  }
}

// By what a worker calls it; what it gave back has not ended.
const STATES: Readonly<Record<string, string>> = {
  success: "SUCCESS",
  failure: "FAILURE",
  lost: "FAILURE",
  retry: "RETRY",
  revoked: "REVOKED",
  ignore: "IGNORED",
  reject: "REJECTED",
};

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
