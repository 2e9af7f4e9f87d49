/**
 * Watches how much memory a host holds: its heaps have a cap of their own,
 * but what typed arrays hold outside of a heap has none.
 *
 * @module
 */

import type { MemoryReport } from "./protocol.ts";

/** What a {@linkcode MemoryWatch} needs. */
export interface MemoryWatchOptions {
  /** The most that may be held, in bytes. */
  readonly limit: number;
  /**
   * Above how many bytes a finished job is a reason to be replaced; `null` is
   * three quarters of the limit, looked at now and then: what many jobs have
   * leaked must not be the fault of the one that crosses the limit.
   */
  readonly recycleAbove: number | null;
  /** Measures what is held. */
  readonly measure: () => number;
  /** Whether any job runs. */
  readonly isBusy: () => boolean;
  /** Told when too much is held. */
  readonly report: (report: MemoryReport) => void;
}

const INTERVAL_MS = 50;
const NEARLY_FULL = 0.75;

/** Measures on an interval while jobs run, and after each job if asked to. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #reported = false;
  #lookedAt = 0;

  /** Makes a watch that sleeps until it is woken. */
  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  /** Watches for as long as jobs run. */
  wake(): void {
    this.#timer ??= setTimeout(() => this.#look(), INTERVAL_MS);
  }

  /** Looks whether the host is to be replaced after what has run in it. */
  jobsEnded(): void {
    const { limit, recycleAbove, measure, report } = this.#options;
    if (this.#reported) return;
    const now = performance.now();
    if (recycleAbove === null && now - this.#lookedAt < INTERVAL_MS) return;
    this.#lookedAt = now;
    const held = measure();
    if (held <= (recycleAbove ?? limit * NEARLY_FULL)) return;
    this.#reported = true;
    report({ held });
  }

  #look(): void {
    this.#timer = null;
    const { limit, measure, isBusy, report } = this.#options;
    const held = measure();
    if (held > limit) report({ held, limit });
    if (isBusy()) this.wake();
  }
}
