/**
 * One queue: a line of messages for each priority, and counters.
 *
 * @module
 */

import type { Entry } from "./entry.ts";
import { Heap } from "./heap.ts";

interface Line {
  readonly priority: number;
  first: Entry | undefined;
  last: Entry | undefined;
}

/** The ready messages of a queue. */
export class Queue {
  /** Messages that are ready. */
  queued = 0;
  /** Messages whose time has not come. */
  scheduled = 0;
  /** Messages under lease. */
  running = 0;
  /** The messages whose time has not come, by their etas. */
  readonly schedule = new Heap<Entry>((entry, _eta, seq) =>
    entry.live && entry.status === "scheduled" && entry.seq === seq
  );
  /** In the order of priority; there are few. */
  readonly #lines: Line[] = [];

  /** The next message to serve. */
  get first(): Entry | undefined {
    for (const line of this.#lines) if (line.first) return line.first;
    return undefined;
  }

  /** Puts a message to its place: by priority, then by arrival. */
  add(entry: Entry): void {
    const line = this.#line(entry.message.priority);
    this.queued++;
    if (line.last === undefined || line.last.seq < entry.seq) {
      link(line, line.last, entry, undefined);
      return;
    }
    // Only what comes back gets here, and what comes back was at the head.
    let next = line.first;
    while (next !== undefined && next.seq < entry.seq) next = next.next;
    link(line, next?.previous, entry, next);
  }

  /** Takes a message out. */
  remove(entry: Entry): void {
    const line = this.#line(entry.message.priority);
    this.queued--;
    if (entry.previous) entry.previous.next = entry.next;
    else line.first = entry.next;
    if (entry.next) entry.next.previous = entry.previous;
    else line.last = entry.previous;
    entry.previous = entry.next = undefined;
  }

  #line(priority: number): Line {
    const at = this.#lines.findIndex((line) => line.priority >= priority);
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line: Line = { priority, first: undefined, last: undefined };
    this.#lines.splice(found ? at : this.#lines.length, 0, line);
    return line;
  }
}

function link(
  line: Line,
  previous: Entry | undefined,
  entry: Entry,
  next: Entry | undefined,
): void {
  entry.previous = previous;
  entry.next = next;
  if (previous) previous.next = entry;
  else line.first = entry;
  if (next) next.previous = entry;
  else line.last = entry;
}
