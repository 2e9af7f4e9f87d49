/**
 * How many things happen per second, lately.
 *
 * @module
 */

/** So many seconds count. */
const WINDOW = 10;

/** Counts over the last ten seconds. */
export class Pace {
  readonly #since: number;
  readonly #seconds = new Map<number, number>();

  /** @param now epoch ms; before that nothing is known */
  constructor(now: number) {
    this.#since = now;
  }

  /** Something happened, or so much of it. */
  add(now: number, count: number = 1): void {
    const second = Math.floor(now / 1000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + count);
    this.#forget(second);
  }

  /** How many per second, with one digit after the point. */
  perSecond(now: number): string {
    this.#forget(Math.floor(now / 1000));
    const all = this.#seconds.values().reduce((sum, each) => sum + each, 0);
    const known = Math.min(Math.max((now - this.#since) / 1000, 1), WINDOW);
    return (all / known).toFixed(1);
  }

  #forget(second: number): void {
    for (const each of this.#seconds.keys()) {
      if (each <= second - WINDOW) this.#seconds.delete(each);
    }
  }
}
