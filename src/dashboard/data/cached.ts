/**
 * An answer that all viewers share. It is as old as its making took long: to
 * make it takes a twentieth of the store's time at most, however many look.
 *
 * @module
 */

/** The share of time that is spent on making an answer is one of so many. */
const SHARE = 20;

/** Keeps one answer. */
export class Cached<T> {
  readonly #make: () => Promise<T>;
  readonly #least: number;
  readonly #share: number;
  #value: { readonly value: T } | null = null;
  #validUntil = -Infinity;
  #making: Promise<T> | null = null;

  /**
   * @param make makes the answer
   * @param least for how long it is kept at least, in ms
   * @param share how many times as long as its making took it is kept; 1 for
   *   one whose making takes the store no time, but waits
   */
  constructor(make: () => Promise<T>, least: number, share: number = SHARE) {
    this.#make = make;
    this.#least = least;
    this.#share = share;
  }

  /** The answer; made anew if it is too old. */
  get(): Promise<T> {
    if (this.#value !== null && performance.now() < this.#validUntil) {
      return Promise.resolve(this.#value.value);
    }
    return this.#making ??= this.#renew();
  }

  /** The answer, or the one before, or `null`, if it takes longer than that. */
  async within(ms: number): Promise<T | null> {
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), ms);
    const making = this.get();
    // Who has not waited for it, is not told that it failed.
    making.catch(() => {});
    try {
      return await Promise.race([making, late.promise]) ??
        this.#value?.value ?? null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes it anew when it is asked for next. */
  expire(): void {
    this.#validUntil = -Infinity;
  }

  async #renew(): Promise<T> {
    const start = performance.now();
    try {
      const value = await this.#make();
      const took = performance.now() - start;
      this.#value = { value };
      this.#validUntil = start + Math.max(this.#least, this.#share * took);
      return value;
    } finally {
      this.#making = null;
    }
  }
}
