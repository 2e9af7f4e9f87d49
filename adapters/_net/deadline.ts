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
  /** Where it is in the list; -1 once it is there no more. */
  at: number;
  readonly reject: (error: unknown) => void;
}

/** Fails calls that take too long; while any is pending, the process lives. */
export class Deadline {
  readonly #partMs: number;
  readonly #late: () => Error;
  // A list, for its ends are cheaper than a set.
  readonly #pending: Pending[] = [];
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

  /** What a call comes to, failed if it is late or throws. */
  watch<T>(call: () => PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = call();
      const pending = this.#add(reject);
      answer.then((value) => {
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
    for (const pending of this.#pending.splice(0)) pending.at = -1;
  }

  #add(reject: Pending["reject"]): Pending {
    const at = this.#pending.length;
    const pending = { partsLeft: PARTS + 1, at, reject };
    this.#pending.push(pending);
    this.#isQuiet = false;
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#tick(), this.#partMs);
    } else if (at === 0) hold(this.#timer, true);
    return pending;
  }

  /** The last one takes its place. */
  #remove(pending: Pending): void {
    const { at } = pending;
    const last = at < 0 ? undefined : this.#pending.pop();
    if (last === undefined) return;
    last.at = at;
    if (last !== pending) this.#pending[at] = last;
    pending.at = -1;
    if (this.#pending.length > 0 || this.#timer === undefined) return;
    hold(this.#timer, false);
  }

  #tick(): void {
    for (const pending of [...this.#pending]) {
      if (--pending.partsLeft > 0) continue;
      this.#remove(pending);
      pending.reject(this.#late());
    }
    if (this.#pending.length > 0) return;
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
