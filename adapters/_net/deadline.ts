/**
 * A time limit for many calls, kept by one timer: a timer for each costs more
 * than the rest of a short call.
 *
 * @module
 */

/** How finely time is counted: a call may be late by one part. */
const PARTS = 8;

interface Pending {
  partsLeft: number;
  reject: ((error: unknown) => void) | null;
}

/** Fails calls that take too long; while any is pending, the process lives. */
export class Deadline {
  readonly #partMs: number;
  readonly #late: () => Error;
  readonly #pending = new Set<Pending>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isQuiet = false;

  /**
   * @param ms how long a call may take
   * @param late makes the error of one that took longer
   */
  constructor(ms: number, late: () => Error) {
    this.#partMs = ms / PARTS;
    this.#late = late;
  }

  /** The same promise, but failed if it is late. */
  watch<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { partsLeft: PARTS + 1, reject };
      this.#add(pending);
      promise.then((value) => {
        this.#remove(pending);
        resolve(value);
      }, (error) => {
        this.#remove(pending);
        reject(error);
      });
    });
  }

  /** Ends the timer; what is still pending is watched no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#pending.clear();
  }

  #add(pending: Pending): void {
    this.#pending.add(pending);
    this.#isQuiet = false;
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#tick(), this.#partMs);
    } else if (this.#pending.size === 1) hold(this.#timer, true);
  }

  #remove(pending: Pending): void {
    // A set's former tables keep what was in them, and with this the answer.
    pending.reject = null;
    if (!this.#pending.delete(pending) || this.#pending.size > 0) return;
    if (this.#timer !== undefined) hold(this.#timer, false);
  }

  #tick(): void {
    for (const pending of this.#pending) {
      if (--pending.partsLeft > 0) continue;
      const { reject } = pending;
      this.#remove(pending);
      reject?.(this.#late());
    }
    if (this.#pending.size > 0) return;
    // One part without a call: the next one starts the timer anew.
    if (this.#isQuiet) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#isQuiet = true;
  }
}

// Where a timer is an object, it says itself whether it holds the process.
function hold(timer: unknown, held: boolean): void {
  const { ref, unref } = timer as { ref?: () => void; unref?: () => void };
  (held ? ref : unref)?.call(timer);
}
