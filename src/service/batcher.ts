/**
 * Group commit: calls that arrive while a flush is in flight join the next
 * one; a call that arrives alone goes at once. There is no linger timer.
 *
 * @module
 */

/** Carries out a batch and answers for each item, in order. */
export type Flush<In, Out> = (
  batch: readonly In[],
) => Promise<readonly Out[]>;

interface Entry<In, Out> {
  readonly items: readonly In[];
  readonly resolve: (answers: readonly Out[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects the calls of many callers into batches. */
export class Batcher<In, Out> {
  readonly #flush: Flush<In, Out>;
  readonly #maxBatch: number;
  #waiting: Entry<In, Out>[] = [];
  #running: Promise<void> | null = null;

  /** @param maxBatch the most items of one flush, unless one call brings more */
  constructor(flush: Flush<In, Out>, maxBatch: number = 5000) {
    this.#flush = flush;
    this.#maxBatch = maxBatch;
  }

  /** Adds items that are flushed together; resolves when that is done. */
  add(items: readonly In[]): Promise<readonly Out[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting or in flight any more. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // Calls of the same turn of the event loop share the first flush.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#flushSome(this.#take());
    this.#running = null;
  }

  #take(): Entry<In, Out>[] {
    const all = this.#waiting;
    let count = 0;
    let items = 0;
    while (count < all.length) {
      items += all[count]?.items.length ?? 0;
      if (count > 0 && items > this.#maxBatch) break;
      count++;
    }
    this.#waiting = all.slice(count);
    return count === all.length ? all : all.slice(0, count);
  }

  async #flushSome(entries: readonly Entry<In, Out>[]): Promise<void> {
    const only = entries.length === 1 ? entries[0] : undefined;
    try {
      if (only !== undefined) {
        only.resolve(await this.#flush(only.items));
        return;
      }
      const answers = await this.#flush(entries.flatMap((each) => each.items));
      let from = 0;
      for (const entry of entries) {
        entry.resolve(answers.slice(from, from += entry.items.length));
      }
    } catch (error) {
      for (const entry of entries) entry.reject(error);
    }
  }
}
