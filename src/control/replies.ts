/**
 * What workers have answered.
 *
 * @module
 */

/** The answers of workers to one question. */
export interface Replies<T> {
  /** What each has answered, by node name. */
  readonly replies: Readonly<Record<string, T>>;
  /** Why some have not done it, by node name. */
  readonly errors: Readonly<Record<string, string>>;
  /**
   * Who was asked and has not answered in time: workers that the store knows
   * as alive, and those that were named.
   */
  readonly missing: readonly string[];
  /**
   * Workers that the store still knows and that were not heard of for longer
   * than their lease: they have died or stand still, and nobody waited for
   * them.
   */
  readonly silent: readonly string[];
}
