/**
 * A first-in first-out list with cheap ends.
 *
 * @module
 */

/** Items in the order in which they came. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** How many items wait. */
  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The next item, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts items back in front of all others, in their order. */
  unshift(items: readonly T[]): void {
    if (items.length === 0) return;
    this.#items.splice(0, this.#head, ...items);
    this.#head = 0;
  }

  /** Takes the next item. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // Forgetting the used part only when it is the larger one keeps a shift
    // at constant cost on average.
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes all items. */
  drain(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = [];
    this.#head = 0;
    return items;
  }

  /** Takes out the first item that matches. */
  remove(matches: (item: T) => boolean): T | undefined {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at] as T;
      if (!matches(item)) continue;
      this.#items.splice(at, 1);
      return item;
    }
    return undefined;
  }
}
