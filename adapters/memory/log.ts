/**
 * A list that only grows at its end, with holes where entries were taken out.
 * Holes are closed when they are the greater part, so that every operation
 * costs the same however long the list is.
 *
 * @module
 */

interface Slot<T> {
  readonly seq: number;
  item: T | undefined;
}

/** Items in the order of arrival, each with a number that only rises. */
export class Log<T> {
  #slots: Slot<T>[] = [];
  #size = 0;

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item; `seq` must be greater than all before. */
  add(seq: number, item: T): void {
    this.#slots.push({ seq, item });
    this.#size++;
  }

  /** Takes an item out. */
  remove(seq: number): void {
    const slot = this.#slots[this.#indexFrom(seq)];
    if (slot?.seq !== seq || slot.item === undefined) return;
    slot.item = undefined;
    this.#size--;
    if (this.#slots.length > 64 && this.#size * 2 < this.#slots.length) {
      this.#slots = this.#slots.filter((slot) => slot.item !== undefined);
    }
  }

  /** The items after `seq`, oldest first. */
  *after(seq: number): Generator<readonly [number, T]> {
    for (let at = this.#indexFrom(seq + 1); at < this.#slots.length; at++) {
      const slot = this.#slots[at] as Slot<T>;
      if (slot.item !== undefined) yield [slot.seq, slot.item];
    }
  }

  /** The items before `seq`, latest first. */
  *before(seq: number): Generator<readonly [number, T]> {
    for (let at = this.#indexFrom(seq) - 1; at >= 0; at--) {
      const slot = this.#slots[at] as Slot<T>;
      if (slot.item !== undefined) yield [slot.seq, slot.item];
    }
  }

  /** The index of the first slot whose number is at least `seq`. */
  #indexFrom(seq: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const slot = this.#slots[middle] as Slot<T>;
      if (slot.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
