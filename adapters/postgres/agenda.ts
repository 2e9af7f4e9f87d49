/**
 * When to look for messages that limits may hold back: that is a statement of
 * its own, which is made when something was heard of them, when a limit has
 * room by time, and now and then where nothing can be heard. While limits are
 * not in use it is never made.
 *
 * @module
 */

/** How old the last look may be where nothing is heard, in ms. */
const STALE = 100;

/** What a look has met. */
export interface Outlook {
  /** Whether there is more that has room. */
  readonly more: boolean;
  /** When the next limit has room by time. */
  readonly nextAt: number | null;
}

/** Remembers when to look. */
export class Agenda {
  #heard = false;
  #inUse = false;
  #nextAt: number | null = null;
  #lookedAt = -Infinity;

  /** When a limit has room, as far as that is known. */
  get nextAt(): number | null {
    return this.#nextAt;
  }

  /** Whether it is some time since somebody looked. */
  get isStale(): boolean {
    return performance.now() - this.#lookedAt > STALE;
  }

  /** Messages with limits came, or room for some. */
  hear(): void {
    this.#heard = true;
  }

  /** The same may be so, if limits are in use. */
  suspect(): void {
    this.#heard ||= this.#inUse;
  }

  /** The store says whether limits are in use. */
  isInUse(inUse: boolean): void {
    this.#heard ||= inUse && !this.#inUse;
    this.#inUse = inUse;
  }

  /** Whether to look. */
  isDue(now: number): boolean {
    return this.#heard || (this.#nextAt !== null && this.#nextAt <= now);
  }

  /** Somebody looks: what is heard from now on is news. */
  look(): void {
    this.#heard = false;
    this.#nextAt = null;
    this.#lookedAt = performance.now();
  }

  /** What that has met. */
  looked({ more, nextAt }: Outlook): void {
    this.#heard ||= more;
    this.#nextAt = nextAt;
  }
}
