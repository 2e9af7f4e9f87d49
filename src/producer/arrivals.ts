/**
 * What arrives by and by, for one that takes it in its own time.
 *
 * @module
 */

/** Keeps what has arrived until it is taken. */
export class Arrivals<T> {
  readonly #arrived: T[] = [];
  #taken = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  /** Something arrives. */
  add(item: T): void {
    this.#arrived.push(item);
    this.#wake();
  }

  /** Nothing more will arrive, for this reason. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /**
   * Takes what arrived first; waits for it.
   *
   * @throws the reason, when nothing more will arrive
   */
  async next(): Promise<T> {
    while (this.#taken === this.#arrived.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#arrived[this.#taken++] as T;
  }
}
