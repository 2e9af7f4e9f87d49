/**
 * Whose errors are those that no task's promise has brought?
 *
 * What a task has started may outlive it, and then fails while another task
 * runs. So each job runs in an async context of its own, which tells who is
 * to blame for a rejection, and for what is thrown by timers, microtasks and
 * most callbacks:
 *
 * - The job that runs: it fails with the error, whatever it waits for.
 * - A job that has ended: nobody fails. A warning names it, and the isolate,
 *   in which anything may be left over, is replaced after the job that runs.
 *
 * Some callbacks lose their context (timers of `node:timers`, `AbortSignal`,
 * what the module of the application has started). Then it is
 *
 * - the job that runs, if no other has run in this isolate before;
 * - otherwise perhaps that of an earlier one: the isolate is replaced, and the
 *   job that runs is given some time to end by itself. One that does not may
 *   wait for what will never come; it fails, and the error tells of the doubt.
 *
 * Without a job that runs, the isolate is given up at once.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Envelope } from "../../message/envelope.ts";
import { type EncodedError, encodeError } from "../../message/error_codec.ts";
import type { JobLoop } from "./job_loop.ts";
import type { FaultReport, HandedJob } from "./protocol.ts";

const log = getLogger(["lovage", "worker"]);

/** How long a job may go on after an error that may be its own, in ms. */
const DOUBT_MS = 2000;

const DOUBT = "thrown outside of any task, possibly by what an earlier task " +
  "of the same isolate left behind";

// Kept, because the application may replace what is global.
const { setTimeout } = globalThis;

/** What {@linkcode StrayErrors} needs. */
export interface StrayErrorsOptions {
  /** What runs the jobs. */
  readonly loop: JobLoop;
  /** Gives the isolate up, and fails the job that runs. */
  readonly fail: (report: FaultReport) => void;
  /** Has the isolate replaced after the job that runs. */
  readonly retire: () => void;
}

/** Finds out whose an error is, and does what follows. */
export class StrayErrors {
  readonly #options: StrayErrorsOptions;
  #retiring = false;

  /** Judges the errors of one isolate. */
  constructor(options: StrayErrorsOptions) {
    this.#options = options;
  }

  /** Takes an error in the async context in which it was thrown. */
  take(error: unknown): void {
    const { loop, fail } = this.#options;
    const { cause, current } = loop;
    if (cause !== undefined && cause.ordinal !== current) {
      this.#retire(error, `thrown by what ${nameOf(cause)} left behind`);
    } else if (cause === undefined && current !== 0 && !loop.isFirst) {
      this.#doubt(error, current);
    } else fail(reportOf(error));
  }

  #doubt(error: unknown, ordinal: number): void {
    const { loop, fail } = this.#options;
    this.#retire(error, DOUBT);
    setTimeout(() => {
      if (loop.current === ordinal) fail(doubtfulReportOf(error));
    }, DOUBT_MS);
  }

  /** Warns only once: an interval can throw for as long as a job runs. */
  #retire(error: unknown, origin: string): void {
    if (this.#retiring) return;
    this.#retiring = true;
    log.warn(
      "{message} ({origin}). The isolate is replaced after the task that runs",
      { message: reportOf(error).message, origin, error },
    );
    this.#options.retire();
  }
}

/** An error on its way to the worker. */
export function reportOf(error: unknown): FaultReport {
  return {
    error: encodeError(error),
    message: error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error),
  };
}

function doubtfulReportOf(error: unknown): FaultReport {
  const report = reportOf(error);
  const encoded: EncodedError = JSON.parse(encodeError(error));
  const message = `${encoded.message} (${DOUBT})`;
  return {
    error: JSON.stringify({ ...encoded, message }),
    message: `${report.message} (${DOUBT})`,
  };
}

function nameOf({ body }: HandedJob): string {
  // It has run, so it can be read.
  const { task, id } = JSON.parse(body) as Envelope;
  return `task "${task}" (${id})`;
}
