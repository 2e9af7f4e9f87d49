/**
 * The timers of one running job.
 *
 * @module
 */

import type { Clock } from "../../contracts/clock.ts";
import type { Job } from "./pool.ts";

/** Whether a job has any time limit. */
export function isLimited(job: Job): boolean {
  return job.softLimit !== null || job.hardLimit !== null;
}

/** Calls back when a job's limits are over, counted from now. */
export class Limits {
  readonly #cancel: (() => void)[] = [];

  /** Arms a timer for each limit that the job has. */
  constructor(clock: Clock, job: Job, soft: () => void, hard: () => void) {
    if (job.softLimit !== null) {
      this.#cancel.push(clock.timer(job.softLimit, soft));
    }
    if (job.hardLimit !== null) {
      this.#cancel.push(clock.timer(job.hardLimit, hard));
    }
  }

  /** Disarms the timers. */
  clear(): void {
    for (const cancel of this.#cancel) cancel();
  }
}
