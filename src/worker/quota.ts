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

/** Counts what is taken, and says when that is all. */
export class Quota {
  /** Resolves when nothing is left, or no more may be taken. */
  readonly finished: Promise<Finish>;
  #left: number;
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
  take(count: number): void {
    this.#left -= count;
  }

  /** There is no more to do. */
  finish(why: Finish): void {
    this.#finish(why);
  }
}
