/**
 * A binary heap ordered by a number, earliest first, equal ones in the order
 * in which they came. What is not wanted any more is not taken out: it is
 * skipped when it surfaces, and swept when most of the heap is of that kind.
 *
 * @module
 */

interface Node<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}

/** Items by the time at which something is to happen to them. */
export class Heap<T> {
  readonly #isLive: (item: T, at: number, order: number) => boolean;
  #nodes: Node<T>[] = [];
  #sweepAt = 1024;

  /** @param isLive whether an entry still means something */
  constructor(isLive: (item: T, at: number, order: number) => boolean) {
    this.#isLive = isLive;
  }

  /** Adds an item; `order` decides between items of the same time. */
  push(at: number, order: number, item: T): void {
    if (this.#nodes.length >= this.#sweepAt) this.#sweep();
    this.#nodes.push({ at, order, item });
    this.#up(this.#nodes.length - 1);
  }

  /** The earliest time of a live item, or `null` when there is none. */
  next(): number | null {
    for (let top = this.#nodes[0]; top; top = this.#nodes[0]) {
      if (this.#isLive(top.item, top.at, top.order)) return top.at;
      this.#drop();
    }
    return null;
  }

  /** The earliest live item. */
  get first(): T | undefined {
    return this.next() === null ? undefined : this.#nodes[0]?.item;
  }

  /** Takes the earliest live item if its time is not after `now`. */
  pop(now: number): T | undefined {
    const at = this.next();
    if (at === null || at > now) return undefined;
    const item = this.#nodes[0]?.item;
    this.#drop();
    return item;
  }

  #sweep(): void {
    const live = this.#nodes.filter((n) => this.#isLive(n.item, n.at, n.order));
    // A sorted array is a heap.
    this.#nodes = live.sort(before);
    this.#sweepAt = Math.max(1024, live.length * 2);
  }

  #up(index: number): void {
    const nodes = this.#nodes;
    const node = nodes[index] as Node<T>;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = nodes[parent] as Node<T>;
      if (before(above, node) <= 0) break;
      nodes[index] = above;
      index = parent;
    }
    nodes[index] = node;
  }

  #drop(): void {
    const nodes = this.#nodes;
    const node = nodes.pop();
    if (node === undefined || nodes.length === 0) return;
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      const child = nodes[left + 1] === undefined ||
          before(nodes[left] as Node<T>, nodes[left + 1] as Node<T>) <= 0
        ? left
        : left + 1;
      const below = nodes[child];
      if (below === undefined || before(node, below) <= 0) break;
      nodes[index] = below;
      index = child;
    }
    nodes[index] = node;
  }
}

function before<T>(a: Node<T>, b: Node<T>): number {
  return a.at - b.at || a.order - b.order;
}
