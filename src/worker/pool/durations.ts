/**
 * How long tasks run, learned from how long they ran.
 *
 * @module
 */

import type { Outcome } from "../outcome.ts";

/** What a task takes of which nothing is known, in ms: too long to wait for. */
const UNKNOWN_DURATION = 1e6;

const WEIGHT = 0.2;
// Times are whole milliseconds; a job that takes none still takes something.
const LEAST = 0.02;

/** Moving averages by the names of tasks. */
export class Durations {
  readonly #averages = new Map<string, number>();

  /** How long a task is expected to run, in ms. */
  of(task: string): number {
    return this.#averages.get(task) ?? UNKNOWN_DURATION;
  }

  /** Learns from the end of a job. */
  learn(task: string, { startedAt, endedAt }: Outcome): void {
    if (startedAt === undefined) return;
    const took = Math.max(endedAt - startedAt, LEAST);
    const average = this.#averages.get(task);
    this.#averages.set(
      task,
      average === undefined ? took : average + (took - average) * WEIGHT,
    );
  }
}
