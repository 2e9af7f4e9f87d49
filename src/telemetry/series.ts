/**
 * What is kept for each kind of task that is measured.
 *
 * @module
 */

// Names come from messages, and anybody can write those.
const MOST = 2_000;

/** Something for each queue, task and kind of end. */
export class Series<T> {
  readonly #make: (queue: string, task: string, kind: string) => T;
  #found = new Map<string, Map<string, Map<string, T>>>();
  #size = 0;
  // Tasks of one kind come one after another: three look-ups are saved.
  #last: Found<T> | null = null;

  /** @param make called once for each */
  constructor(make: (queue: string, task: string, kind: string) => T) {
    this.#make = make;
  }

  /** That of a queue, a task and a kind of end. */
  of(queue: string, task: string, kind: string): T {
    const last = this.#last;
    if (
      last !== null && last.task === task && last.kind === kind &&
      last.queue === queue
    ) return last.value;
    const value = this.#find(queue, task, kind);
    this.#last = { queue, task, kind, value };
    return value;
  }

  #find(queue: string, task: string, kind: string): T {
    const byKind = inner(inner(this.#found, queue), task);
    const known = byKind.get(kind);
    if (known !== undefined) return known;
    if (++this.#size > MOST) {
      this.#found = new Map();
      this.#size = 0;
      return this.#find(queue, task, kind);
    }
    const made = this.#make(queue, task, kind);
    byKind.set(kind, made);
    return made;
  }
}

interface Found<T> {
  readonly queue: string;
  readonly task: string;
  readonly kind: string;
  readonly value: T;
}

function inner<T>(
  outer: Map<string, Map<string, T>>,
  key: string,
): Map<string, T> {
  const known = outer.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, T>();
  outer.set(key, made);
  return made;
}
