/**
 * A map that forgets.
 *
 * @module
 */

/** Keeps the values that were used last. */
export class BoundedMap<K, V> {
  readonly #values = new Map<K, V>();
  readonly #size: number;

  /** Keeps so many values. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The value of a key, made if it is not there. */
  get(key: K, make: () => V): V {
    const value = this.#values.get(key) ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#size) {
      const { value: oldest } = this.#values.keys().next();
      this.#values.delete(oldest as K);
    }
    return value;
  }
}
