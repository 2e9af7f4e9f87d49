/**
 * Leases that may have been taken by a call whose answer was lost. The call
 * may also be carried out late, by a server that was paused or over a
 * connection that was given up: so they are put back again and again, for as
 * long as that can be.
 *
 * @module
 */

/** How long and how many doubts are remembered. */
export interface DoubtLimits {
  /** In ms. */
  readonly span: number;
  /** Of one consumer; the latest. */
  readonly most: number;
}

interface Doubt {
  readonly token: number;
  readonly until: number;
}

/** Remembers the tokens of such leases, by consumer. */
export class Doubts {
  readonly #limits: DoubtLimits;
  readonly #doubts = new Map<string, readonly Doubt[]>();

  constructor(limits: DoubtLimits) {
    this.#limits = limits;
  }

  /** A consumer may have been given something under these tokens. */
  add(consumer: string, ...tokens: readonly number[]): void {
    const { span, most } = this.#limits;
    const until = performance.now() + span;
    const more = tokens.map((token): Doubt => ({ token, until }));
    const all = [...this.#doubts.get(consumer) ?? [], ...more];
    this.#doubts.set(consumer, all.slice(-most));
  }

  /** The tokens under which a consumer may hold what it never heard of. */
  of(consumer: string): readonly number[] {
    const now = performance.now();
    const left = (this.#doubts.get(consumer) ?? [])
      .filter(({ until }) => until > now);
    if (left.length > 0) this.#doubts.set(consumer, left);
    else this.#doubts.delete(consumer);
    return left.map(({ token }) => token);
  }

  /** A consumer has left. */
  forget(consumer: string): void {
    this.#doubts.delete(consumer);
  }
}
