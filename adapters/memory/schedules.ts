/**
 * The schedule entries of a state, by name and in the order of their names.
 *
 * @module
 */

import type { Candidate, ScheduleRecord } from "../../src/contracts/mod.ts";

/** Who took the lead last, and when. */
export interface Lead extends Candidate {
  readonly renewedAt: number;
}

/** Entries, what counts their changes, and who leads. */
export class Schedules {
  /** The number of puts and removals so far. */
  revision = 0;
  lead: Lead | null = null;
  readonly #records = new Map<string, ScheduleRecord>();
  #names: string[] = [];
  #sorted = true;

  /** The entry of this name. */
  get(name: string): ScheduleRecord | undefined {
    return this.#records.get(name);
  }

  /** Puts an entry in the place of the one of its name. */
  set(record: ScheduleRecord): void {
    if (!this.#records.has(record.name)) {
      this.#names.push(record.name);
      this.#sorted = false;
    }
    this.#records.set(record.name, record);
  }

  /** Drops entries and returns for each name whether there was one. */
  delete(names: readonly string[]): boolean[] {
    const dropped = names.map((name) => this.#records.delete(name));
    if (dropped.includes(true)) {
      this.#names = this.#names.filter((name) => this.#records.has(name));
    }
    return dropped;
  }

  /** The entries whose names come after this one; `null` is before all. */
  after(name: string | null, limit: number): ScheduleRecord[] {
    this.#sort();
    const start = name === null ? 0 : this.#indexAfter(name);
    return this.#names.slice(start, start + limit)
      .map((name) => this.#records.get(name) as ScheduleRecord);
  }

  /** Cheap where only the end is out of order, as it is after a put. */
  #sort(): void {
    if (!this.#sorted) this.#names.sort(byCodePoint);
    this.#sorted = true;
  }

  #indexAfter(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byCodePoint(this.#names[middle] as string, name) <= 0) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }
}

/** The order of the bytes in UTF-8, which `<` on strings does not have. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  const isSurrogate = unit >= 0xd800 && unit < 0xe000;
  return isSurrogate ? unit + 0x10000 : unit;
}
