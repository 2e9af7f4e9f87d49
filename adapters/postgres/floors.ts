/**
 * From where on to look for work.
 *
 * What was leased leaves a dead entry at the head of its index, which stays
 * there until the table is vacuumed, a minute later or, while somebody holds
 * an old snapshot, much later; and whoever begins at the head steps over all
 * of them. (Measured with a busy worker and no vacuum: 90,000 tasks per
 * second become 9,000 within a minute.) So one remembers, per queue and
 * priority, up to where everything was taken, and begins there.
 *
 * That is a hint and no more. What goes back to its place, or is committed
 * late, lies below; so the floor lags behind, a look from the head follows
 * whenever the hint is known to be wrong or finds nothing, and in any case
 * once a second. Of a paused queue nothing is remembered: what goes back to
 * it, or comes due, is met by no look.
 *
 * @module
 */

/** A floor is at least so old, in ms: longer than a commit takes. */
const LAG = 500;
/** Looks from the head take one part of so many of the time, at most. */
const SHARE = 20;
/** The longest time between two looks from the head, in ms. */
const LONGEST = 1_000;
/** Before so many messages were taken a look from the head is cheap. */
const WARM_UP = 2_000;
/** What a priority can be; what else was put in by hand is found in time. */
const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
/** Clocks of other machines are not further behind, in ms. */
const SKEW = 10_000;

/** Below any number. */
export const BOTTOM = -9_000_000_000_000_000;

/** Where lines of waiting messages begin: arrays of one length. */
export interface Lines {
  readonly queues: readonly string[];
  readonly priorities: readonly number[];
  readonly floors: readonly number[];
}

/** A message that was taken. */
export interface Taken {
  readonly queue: string;
  readonly priority: number;
  readonly seq: number;
}

type Marks = Map<string, number>;

/** Remembers from where on to look. */
export class Floors {
  #floors: Marks = new Map();
  #before: Marks = new Map();
  #latest: Marks = new Map();
  #turnedAt = 0;
  #taken = 0;
  #nextFull = 0;
  readonly #due: Marks = new Map();

  /** Whether to begin at the floors; else one looks from the head. */
  get areTrusted(): boolean {
    return this.#taken >= WARM_UP && performance.now() < this.#nextFull;
  }

  /** Something may lie below the floors. */
  distrust(): void {
    this.#nextFull = 0;
  }

  /** A look from the head took so long, in ms. */
  looked(ms: number): void {
    this.#nextFull = performance.now() + Math.min(LONGEST, ms * SHARE);
  }

  /** What was due in these queues at this time has been made ready. */
  nothingDue(queues: readonly string[], now: number): void {
    for (const queue of queues) this.#due.set(queue, now - SKEW);
  }

  /** These queues are paused. */
  forget(queues: readonly string[]): void {
    for (const queue of queues) {
      this.#due.delete(queue);
      for (const priority of PRIORITIES) {
        const key = keyOf(queue, priority);
        this.#floors.delete(key);
        this.#before.delete(key);
        this.#latest.delete(key);
      }
    }
  }

  /** These were taken, and all that lay before them. */
  took(messages: readonly Taken[]): void {
    const now = performance.now();
    if (now - this.#turnedAt >= LAG) {
      for (const [key, seq] of this.#before) this.#floors.set(key, seq);
      this.#before = this.#latest;
      this.#latest = new Map();
      this.#turnedAt = now;
    }
    this.#taken += messages.length;
    for (const { queue, priority, seq } of messages) {
      const key = keyOf(queue, priority);
      if (seq > (this.#latest.get(key) ?? BOTTOM)) this.#latest.set(key, seq);
    }
  }

  /** The lines of these queues. */
  lines(names: readonly string[]): Lines {
    const queues: string[] = [];
    const priorities: number[] = [];
    const floors: number[] = [];
    for (const name of names) {
      for (const priority of PRIORITIES) {
        queues.push(name);
        priorities.push(priority);
        floors.push(this.#floors.get(keyOf(name, priority)) ?? BOTTOM);
      }
    }
    return { queues, priorities, floors };
  }

  /** For each of these queues, the time before which nothing is due. */
  dues(names: readonly string[]): number[] {
    return names.map((name) => this.#due.get(name) ?? BOTTOM);
  }
}

function keyOf(queue: string, priority: number): string {
  return `${priority} ${queue}`;
}
