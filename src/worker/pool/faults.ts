/**
 * The outcomes of jobs that did not come to an end by themselves, in
 * sentences that name the task, its id and what happened.
 *
 * @module
 */

import {
  MemoryLimitExceeded,
  TimeLimitExceeded,
  WorkerLostError,
} from "../../errors.ts";
import { encodeError } from "../../message/error_codec.ts";
import type { Outcome } from "../outcome.ts";
import type { Job } from "./pool.ts";

/** When a job began and ended. */
export interface FaultTimes {
  /** When it began (epoch ms), if it is known. */
  readonly startedAt?: number | undefined;
  /** When it ended (epoch ms). */
  readonly endedAt: number;
}

/** The hard time limit of a job is over. */
export function timeLimitExceeded(job: Job, times: FaultTimes): Outcome {
  const error = new TimeLimitExceeded(
    `${named(job)} ran for longer than its time limit of ` +
      `${job.hardLimit} ms and was ended by force`,
  );
  return { kind: "failure", error: encodeError(error), ...times };
}

/** The host of a job is gone, or what ran the job in it. */
export function lost(job: Job, what: string, times: FaultTimes): Outcome {
  const error = new WorkerLostError(`${named(job)} was lost: ${what}`);
  return { kind: "lost", error: encodeError(error), ...times };
}

/** The host of a job held more memory than it may. */
export function outOfMemory(
  job: Job,
  what: string,
  times: FaultTimes,
): Outcome {
  const error = new MemoryLimitExceeded(`${named(job)} was ended: ${what}`);
  return { kind: "lost", error: encodeError(error), ...times };
}

/** A job was interrupted before it began. */
export function neverStarted(job: Job, endedAt: number): Outcome {
  return {
    kind: "revoked",
    detail: `${named(job)} was revoked before it started`,
    endedAt,
  };
}

/** How errors name a job. */
export function named(job: Job): string {
  return `Task "${job.task}" (${job.id})`;
}
