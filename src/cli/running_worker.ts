/**
 * A worker as its command runs it: alone, or with a beat beside it.
 *
 * @module
 */

import type { Beat } from "../beat/beat.ts";
import type { Worker } from "../worker/worker.ts";
import type { Stoppable } from "./shutdown.ts";

/** A worker and its beat, which stops first. */
export class RunningWorker implements Stoppable {
  /** The worker. */
  readonly worker: Worker;
  /** The beat, if there is one. */
  readonly beat: Beat | null;

  /** Both have started. */
  constructor(worker: Worker, beat: Beat | null) {
    this.worker = worker;
    this.beat = beat;
  }

  /** Resolves when the worker has stopped, as one can be told from afar. */
  get stopped(): Promise<void> {
    return this.worker.stopped;
  }

  /** Stops the beat, then the worker; a cold stop waits for nothing. */
  async stop(mode: "warm" | "cold"): Promise<void> {
    const beat = this.beat?.stop();
    if (mode === "cold") {
      await Promise.all([beat, this.worker.stop("cold")]);
    } else {
      await beat;
      await this.worker.stop("warm");
    }
  }
}
