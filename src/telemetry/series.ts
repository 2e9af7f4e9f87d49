/**
 * What is kept for each kind of task that is measured.
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";

// Names come from messages, and anybody can write those.
const MOST = 2_000;

/** Something for each queue, task and kind of end. */
export class Series<T> {
  readonly #make: (queue: string, task: string, kind: string) => T;
  #found = new Map<string, Map<string, Map<string, T>>>();
  #size = 0;

  /** @param make called once for each */
  constructor(make: (queue: string, task: string, kind: string) => T) {
    this.#make = make;
  }

  /** That of a queue, a task and a kind of end. */
  of(queue: string, task: string, kind: string): T {
    const byKind = inner(inner(this.#found, queue), task);
    const known = byKind.get(kind);
    if (known !== undefined) return known;
    if (++this.#size > MOST) {
      this.#found = new Map();
      this.#size = 0;
      return this.of(queue, task, kind);
    }
    const made = this.#make(queue, task, kind);
    byKind.set(kind, made);
    return made;
  }
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

/** A counter that is told once for many. */
export interface Addable {
  /** Adds to it. */
  add(value: number, attributes: Attributes): void;
}

/** How long counts are kept before they are told (ms). */
const KEPT = 20;

/** Counts in plain numbers; what has come up is told a moment later. */
export class Tally {
  readonly #counts = new Map<Addable, Map<Attributes, number>>();
  #due: ReturnType<typeof setTimeout> | null = null;

  /** Counts; attributes are told apart by identity. */
  add(counter: Addable, attributes: Attributes, count = 1): void {
    let counts = this.#counts.get(counter);
    if (counts === undefined) this.#counts.set(counter, counts = new Map());
    counts.set(attributes, (counts.get(attributes) ?? 0) + count);
    this.#due ??= setTimeout(() => this.flush(), KEPT);
  }

  /** Tells what has come up. */
  flush(): void {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    for (const [counter, counts] of this.#counts) {
      for (const [attributes, count] of counts) counter.add(count, attributes);
      counts.clear();
    }
  }
}
