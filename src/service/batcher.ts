/**
 * Group commit: calls that arrive while flushes are in flight join the next
 * one; a call that arrives alone goes at once. There is no linger timer.
 *
 * @module
 */

/** Carries out a batch and answers for each item, in order. */
export type Flush<In, Out> = (
  batch: readonly In[],
) => Promise<readonly Out[]>;

/** How items are gathered. */
export interface BatcherOptions {
  /** The most items of one flush, unless one call brings more. */
  readonly maxBatch?: number;
  /**
   * How many flushes are in flight at once. With more than one, callers who
   * wait for their answers are shared out, so that this side prepares one
   * flush while the other side works on another. Defaults to one.
   */
  readonly lanes?: () => number;
}

interface Entry<In, Out> {
  readonly items: readonly In[];
  readonly resolve: (answers: readonly Out[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Fewer items than this are not worth two flushes. */
const SMALLEST_SHARE = 32;

/** Collects the calls of many callers into batches. */
export class Batcher<In, Out> {
  readonly #flush: Flush<In, Out>;
  readonly #maxBatch: number;
  readonly #lanes: () => number;
  #waiting: Entry<In, Out>[] = [];
  #waitingItems = 0;
  #inFlight = 0;
  #isGathering = false;
  #idle: (() => void)[] = [];

  /** Nothing is flushed yet. */
  constructor(flush: Flush<In, Out>, options: BatcherOptions = {}) {
    this.#flush = flush;
    this.#maxBatch = options.maxBatch ?? 5000;
    this.#lanes = options.lanes ?? (() => 1);
  }

  /** Adds items that are flushed together; resolves when that is done. */
  add(items: readonly In[]): Promise<readonly Out[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#waitingItems += items.length;
      this.#gather();
    });
  }

  /** Resolves when nothing is waiting or in flight any more. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  // Calls of the same turn of the event loop share a flush.
  #gather(): void {
    if (this.#isGathering || this.#inFlight >= this.#lanes()) return;
    this.#isGathering = true;
    queueMicrotask(() => {
      this.#isGathering = false;
      this.#fillLanes();
    });
  }

  #fillLanes(): void {
    const lanes = this.#lanes();
    while (this.#inFlight < lanes && this.#waiting.length > 0) {
      const share = Math.ceil(this.#waitingItems / (lanes - this.#inFlight));
      const wanted = Math.max(share, SMALLEST_SHARE);
      this.#fly(this.#take(Math.min(wanted, this.#maxBatch)));
    }
  }

  // Not async: each step that is waited for costs every single call.
  #fly(entries: readonly Entry<In, Out>[]): void {
    this.#inFlight++;
    const only = entries.length === 1 ? entries[0] : undefined;
    const items = only?.items ?? entries.flatMap(({ items }) => items);
    this.#flushed(items).then((answers) => {
      if (only === undefined) share(answers, entries);
      else only.resolve(answers);
    }).catch((error) => {
      for (const entry of entries) entry.reject(error);
    }).then(() => this.#landed());
  }

  /** What the flush comes to, also where it throws. */
  #flushed(items: readonly In[]): Promise<readonly Out[]> {
    try {
      return this.#flush(items);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #landed(): void {
    this.#inFlight--;
    if (this.#waiting.length > 0) return this.#gather();
    if (this.#inFlight > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(most: number): Entry<In, Out>[] {
    const all = this.#waiting;
    let count = 0;
    let items = 0;
    while (count < all.length) {
      const size = all[count]?.items.length ?? 0;
      if (count > 0 && items + size > most) break;
      items += size;
      count++;
    }
    this.#waiting = count === all.length ? [] : all.slice(count);
    this.#waitingItems -= items;
    return count === all.length ? all : all.slice(0, count);
  }
}

/** Gives each call the answers for its own items. */
function share<In, Out>(
  answers: readonly Out[],
  entries: readonly Entry<In, Out>[],
): void {
  let from = 0;
  for (const { items, resolve } of entries) {
    resolve(answers.slice(from, from += items.length));
  }
}
