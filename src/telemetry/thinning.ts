/**
 * Which of many measurements are taken.
 *
 * @module
 */

/** How long is looked back (ms), and how many are taken meanwhile. */
const WINDOW = 100;
const MOST = 50;

/**
 * Takes all while there are few; of more than 500 a second every second,
 * third … one, evenly, so that averages and percentiles stay what they are.
 */
export class Thinning {
  #ends = 0;
  #seen = 0;
  #every = 1;

  /**
   * Whether this one is taken.
   *
   * @param now when it came (ms)
   */
  takes(now: number): boolean {
    if (now >= this.#ends) this.#begin(now);
    return this.#seen++ % this.#every === 0;
  }

  #begin(now: number): void {
    const isLater = now >= this.#ends + WINDOW;
    this.#every = isLater ? 1 : Math.max(1, Math.ceil(this.#seen / MOST));
    this.#seen = 0;
    this.#ends = now + WINDOW;
  }
}
