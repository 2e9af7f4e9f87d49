/**
 * Messages that are ready: a row for each priority.
 *
 * @module
 */

import type { Entry } from "./entry.ts";

interface Row {
  readonly priority: number;
  first: Entry | undefined;
  last: Entry | undefined;
}

/** Ready messages, by priority, then by arrival. */
export class Ready {
  /** In the order of priority; there are few. */
  readonly #rows: Row[] = [];

  /** The next message to serve. */
  get first(): Entry | undefined {
    for (const row of this.#rows) if (row.first) return row.first;
    return undefined;
  }

  /** Puts a message to its place. */
  add(entry: Entry): void {
    const row = this.#row(entry.message.priority);
    if (row.last === undefined || row.last.seq < entry.seq) {
      link(row, row.last, entry, undefined);
      return;
    }
    // Only what comes back gets here, and what comes back was at the head.
    let next = row.first;
    while (next !== undefined && next.seq < entry.seq) next = next.next;
    link(row, next?.previous, entry, next);
  }

  /** Takes a message out. */
  remove(entry: Entry): void {
    const row = this.#row(entry.message.priority);
    if (entry.previous) entry.previous.next = entry.next;
    else row.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else row.last = entry.previous;
    entry.previous = entry.next = undefined;
  }

  #row(priority: number): Row {
    const at = this.#rows.findIndex((row) => row.priority >= priority);
    const found = this.#rows[at];
    if (found?.priority === priority) return found;
    const row: Row = { priority, first: undefined, last: undefined };
    this.#rows.splice(found ? at : this.#rows.length, 0, row);
    return row;
  }
}

function link(
  row: Row,
  previous: Entry | undefined,
  entry: Entry,
  next: Entry | undefined,
): void {
  entry.previous = previous;
  entry.next = next;
  if (previous) previous.next = entry;
  else row.first = entry;
  if (next) next.previous = entry;
  else row.last = entry;
}
