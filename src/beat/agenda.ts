/**
 * What is due when: the entries of the leading beat, in the order of their
 * times. What is not due costs nothing.
 *
 * @module
 */

import type { ScheduleRecord } from "../contracts/scheduler.ts";
import type { EntryJson } from "../schedules/entry_json.ts";
import type { Schedule } from "../schedules/timing/schedule.ts";

/** An entry that can be sent. */
export interface Item {
  /** As it is stored. */
  readonly record: ScheduleRecord;
  /** What it says. */
  readonly json: EntryJson;
  /** Its times. */
  readonly times: Schedule;
}

/** An item that is due. */
interface Due {
  readonly at: number;
  readonly item: Item;
}

/** A heap of so many is not worth tidying up. */
const SMALL = 64;

/** Entries in the order of their times: a binary heap. */
export class Agenda {
  readonly #items = new Map<string, Item>();
  // An item that was replaced stays in the heap until its time has come, or
  // until they are the most of it.
  #heap: Due[] = [];

  /** How many entries there are. */
  get size(): number {
    return this.#items.size;
  }

  /** How many times are held, those of replaced entries among them. */
  get held(): number {
    return this.#heap.length;
  }

  /** When the next entry is due; `null` when none is. */
  get nextAt(): number | null {
    this.#dropReplaced();
    return this.#heap[0]?.at ?? null;
  }

  /**
   * Adds an entry, in place of the one of its name.
   *
   * @param at when it is to be taken out, if not when it is due
   */
  set(item: Item, at: number | null = item.record.dueAt): void {
    this.#items.set(item.record.name, item);
    if (at === null) return;
    this.#push({ at, item });
    if (this.#heap.length > 2 * this.#items.size + SMALL) this.#compact();
  }

  /** Removes an entry. */
  remove(name: string): void {
    this.#items.delete(name);
  }

  /** Removes all. */
  clear(): void {
    this.#items.clear();
    this.#heap = [];
  }

  /**
   * Takes out what is due. It comes back when it is set anew.
   *
   * @param now epoch ms
   * @param limit the most entries to return
   */
  takeDue(now: number, limit: number): Item[] {
    const due: Item[] = [];
    while (due.length < limit) {
      this.#dropReplaced();
      const [first] = this.#heap;
      if (first === undefined || first.at > now) break;
      this.#shift();
      due.push(first.item);
    }
    return due;
  }

  #isReplaced({ item }: Due): boolean {
    return this.#items.get(item.record.name) !== item;
  }

  #compact(): void {
    const all = this.#heap;
    this.#heap = [];
    for (const due of all) {
      if (!this.#isReplaced(due)) this.#push(due);
    }
  }

  #dropReplaced(): void {
    for (
      let first = this.#heap[0];
      first !== undefined;
      first = this.#heap[0]
    ) {
      if (!this.#isReplaced(first)) return;
      this.#shift();
    }
  }

  #push(due: Due): void {
    this.#heap.push(due);
    this.#siftUp(this.#heap.length - 1);
  }

  #shift(): void {
    const last = this.#heap.pop() as Due;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(start: number): void {
    let at = start;
    const moved = this.#heap[at] as Due;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as Due;
      if (above.at <= moved.at) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = moved;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const moved = heap[0] as Due;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.at < left.at) child++;
      const below = heap[child] as Due;
      if (below.at >= moved.at) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = moved;
  }
}
