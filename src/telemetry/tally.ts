/**
 * Counts that are kept in plain numbers and told once for many.
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";

/** A counter of OpenTelemetry. */
export interface Addable {
  /** Adds to it. */
  add(value: number, attributes: Attributes): void;
}

/** How long counts are kept before they are told (ms). */
const KEPT = 20;

/** Tells what has come up, a moment later. */
export class Tally {
  #waiting: Count[] = [];
  #due: ReturnType<typeof setTimeout> | null = null;

  /** A count that it tells a counter, always with the same attributes. */
  count(counter: Addable, attributes: Attributes): Count {
    return new Count(counter, attributes, (count) => {
      this.#waiting.push(count);
      this.#due ??= setTimeout(() => this.flush(), KEPT);
    });
  }

  /** Tells what has come up. */
  flush(): void {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const count of waiting) count.tell();
  }
}

/** One number of a {@linkcode Tally}. */
export class Count {
  readonly #counter: Addable;
  readonly #attributes: Attributes;
  readonly #onFirst: (count: Count) => void;
  #pending = 0;

  /** @param onFirst called when there is something to tell again */
  constructor(
    counter: Addable,
    attributes: Attributes,
    onFirst: (count: Count) => void,
  ) {
    this.#counter = counter;
    this.#attributes = attributes;
    this.#onFirst = onFirst;
  }

  /** Counts. */
  add(count = 1): void {
    if (this.#pending === 0) this.#onFirst(this);
    this.#pending += count;
  }

  /** Tells what has come up since. */
  tell(): void {
    this.#counter.add(this.#pending, this.#attributes);
    this.#pending = 0;
  }
}
