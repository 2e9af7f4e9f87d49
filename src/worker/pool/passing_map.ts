/**
 * A map for what comes and goes by the hundred thousand.
 *
 * @module
 */

/** A power of two, and more than are held at a time in most workers. */
const PLACES = 4096;

/**
 * A map by numbers that count up. What stays long does not hinder what passes.
 *
 * It is an array that is written round and round, since a `Map` would keep
 * what has passed through it: whenever that makes itself a new table, the old
 * one keeps its entries and points to the next. Once one of these tables is
 * old to the garbage collector, all later ones seem to be in use, with tens of
 * megabytes, until it next looks at everything.
 */
export class PassingMap<V> {
  readonly #keys: number[] = new Array(PLACES).fill(-1);
  readonly #values: (V | undefined)[] = new Array(PLACES).fill(undefined);
  /** Whose place was taken by a key that came a round later. */
  readonly #overtaken = new Map<number, V>();
  #passing = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#passing + this.#overtaken.size;
  }

  /** The value of a key. */
  get(key: number): V | undefined {
    const at = key % PLACES;
    return this.#keys[at] === key
      ? this.#values[at]
      : this.#overtaken.size === 0
      ? undefined
      : this.#overtaken.get(key);
  }

  /** Adds an entry; the key is none that it has. */
  add(key: number, value: V): void {
    const at = key % PLACES;
    const before = this.#keys[at] as number;
    if (before === -1) this.#passing++;
    else this.#overtaken.set(before, this.#values[at] as V);
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  /** Takes an entry out. */
  take(key: number): V | undefined {
    const value = this.get(key);
    const at = key % PLACES;
    if (this.#keys[at] !== key) {
      this.#overtaken.delete(key);
      return value;
    }
    this.#keys[at] = -1;
    this.#values[at] = undefined;
    this.#passing--;
    return value;
  }

  /** All keys, the lowest first. */
  keys(): number[] {
    const passing = this.#keys.filter((key) => key !== -1);
    return [...this.#overtaken.keys(), ...passing].sort((a, b) => a - b);
  }

  /** All values, that of the lowest key first. */
  values(): V[] {
    return this.keys().map((key) => this.get(key) as V);
  }
}
