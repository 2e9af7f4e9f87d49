/**
 * How much a worker is to do before it is done.
 *
 * @module
 */

/** Why there was no more to do. */
export type Finish =
  /** Nothing was ready any more. */
  | "empty"
  /** As many as it may take were taken, and have ended. */
  | "max";

/**
 * Makes a worker work off what is ready, and says when that is all. Without
 * one it waits for tasks until it is stopped.
 */
export class Quota {
  /** Resolves when nothing is left, or no more may be taken. */
  readonly finished: Promise<Finish>;
  #left: number;
  // Nothing was ready and nothing was held, and what came of that is stored.
  #wasEmpty = false;
  #finish: (why: Finish) => void = () => {};

  /** @param most the most deliveries to take */
  constructor(most: number) {
    this.#left = most;
    this.finished = new Promise((resolve) => this.#finish = resolve);
  }

  /** How many may still be taken. */
  get left(): number {
    return this.#left;
  }

  /** Counts deliveries that were taken. */
  took(count: number): void {
    this.#left -= count;
    if (count > 0) this.#wasEmpty = false;
  }

  /** Is done once none may be taken any more and none is held. */
  checkLeft(held: number): void {
    if (this.#left === 0 && held === 0) this.#finish("max");
  }

  /**
   * No task was ready.
   *
   * @returns what may send more, to be waited for before the next look: the
   * end of a task that is held, or the storing of what has come of the last
   */
  foundNone(held: number): "end" | "storing" {
    if (held > 0) return "end";
    if (this.#wasEmpty) {
      this.#finish("empty");
      return "end";
    }
    this.#wasEmpty = true;
    return "storing";
  }
}
