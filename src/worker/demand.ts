/**
 * How many deliveries a worker should hold: as many as it can finish soon,
 * judged by how long tasks took, and one per slot when they take long.
 *
 * @module
 */

// What is held ahead should be done in about so long (ms) …
const AHEAD = 100;
// … and is never more than so many loads of the store, whatever the pace: one
// is worked at while the next is asked for. What waits here takes the garbage
// collector's time, and memory.
const LOADS = 2;
// What has limits is to start within about so long (ms): until then it holds
// room that others could use.
const SOON = 20;

/** Measures the pace of tasks and says how many to hold. */
export class Demand {
  readonly #multiplier: number | null;
  readonly #load: number;
  #slots: number;
  // Tasks per ms, averaged over windows; what is not known yet is slow.
  #pace = 0;
  #windowStart: number;
  #ended = 0;
  #total = 0;

  /**
   * @param slots how many tasks run at a time
   * @param multiplier the most per slot; `null` is by pace alone
   * @param load how many are worth a call to the store
   * @param now epoch ms
   */
  constructor(
    slots: number,
    multiplier: number | null,
    load: number,
    now: number,
  ) {
    this.#slots = slots;
    this.#multiplier = multiplier;
    this.#load = load;
    this.#windowStart = now;
  }

  /** How many to hold now. */
  get target(): number {
    const ahead = Math.floor(this.#pace * AHEAD);
    const most = this.#multiplier === null
      ? Math.max(LOADS * this.#load, this.#slots)
      : this.#slots * this.#multiplier;
    return Math.min(most, this.#slots + ahead);
  }

  /** How many tasks run at a time. */
  get slots(): number {
    return this.#slots;
  }

  /**
   * How many to take beside those that are held; 0 while there is no room that
   * is worth a round trip.
   *
   * @param most how many may be taken at all
   */
  room(held: number, most: number): number {
    const { target } = this;
    const room = Math.min(target - held, most);
    // Half a load at a time, but a free slot is never left waiting.
    return held < this.#slots || room >= target / 2 ? Math.max(room, 0) : 0;
  }

  /**
   * How many that have limits could start about now; each holds room.
   *
   * @param limited how many of those that are held have limits and wait
   */
  limitedRoom(held: number, limited: number): number {
    const free = Math.max(this.#slots - held, 0);
    const freeSoon = Math.min(this.#slots, Math.floor(this.#pace * SOON));
    return Math.max(free + freeSoon - limited, 0);
  }

  /** Changes how many tasks run at a time. */
  resize(slots: number): void {
    this.#slots = slots;
  }

  /** How many tasks have ended so far. */
  get total(): number {
    return this.#total;
  }

  /** Tasks ended. */
  ended(count: number, now: number): void {
    this.#total += count;
    this.#ended += count;
    const elapsed = now - this.#windowStart;
    // A window is long enough for the clock's grain, or full.
    if (elapsed < 5 && this.#ended < this.target) return;
    this.#measure(Math.max(elapsed, 1), now);
  }

  /** Nothing ended for a while though tasks are held: they take long. */
  stalled(now: number): void {
    this.#measure(Math.max(now - this.#windowStart, 1), now);
  }

  /** The worker had nothing to do: that says nothing of its pace. */
  idle(now: number): void {
    this.#windowStart = now;
    this.#ended = 0;
  }

  #measure(elapsed: number, now: number): void {
    const pace = this.#ended / elapsed;
    // Slower counts at once, faster by and by: too much held ahead is worse
    // than one reservation more.
    this.#pace = pace < this.#pace ? pace : (this.#pace + pace) / 2;
    this.#windowStart = now;
    this.#ended = 0;
  }
}
