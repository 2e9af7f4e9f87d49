/**
 * Of which tasks that go on there is a record.
 *
 * Most tasks end with their first record, which is then simply inserted. To
 * look for another one and to announce what is inserted, as `on conflict`
 * does, takes a fifth of the time of the whole settlement; to write into the
 * row of the task that there is one takes as much again, for the row moves and
 * has entries in all its indexes anew. So the store remembers what it has
 * stored itself, as the worker does that reports of its tasks and ends them;
 * and what goes back to its queue, and is written anyway, is marked there.
 *
 * That is a hint and no more. A first record that meets another one all the
 * same makes the settlement fail, and it is sent again without the hint.
 *
 * @module
 */

import type { ResultRecord } from "../../src/contracts/mod.ts";

/** So many tasks are remembered; those that ended elsewhere are among them. */
const MOST = 20_000;

/** Remembers the tasks that a store has stored records of, and that go on. */
export class Recorded {
  readonly #ids = new Set<string>();

  /** Records are about to be stored. */
  storing(records: readonly ResultRecord[]): void {
    for (const { id, ended } of records) {
      this.#ids.delete(id);
      if (!ended) this.#ids.add(id);
    }
    for (const oldest of this.#ids) {
      if (this.#ids.size <= MOST) break;
      this.#ids.delete(oldest);
    }
  }

  /** Whether there is a record of one of these, as far as one knows. */
  hasAny(tasks: readonly { readonly id: string }[]): boolean {
    return this.#ids.size > 0 && tasks.some(({ id }) => this.#ids.has(id));
  }

  /** These have ended, or are with another store. */
  settled(tasks: readonly { readonly id: string }[]): void {
    if (this.#ids.size === 0) return;
    for (const { id } of tasks) this.#ids.delete(id);
  }
}
