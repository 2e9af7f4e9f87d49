/**
 * Properties whose tries take long, as those of stores do.
 *
 * @module
 */

import fc from "fast-check";

/** For how long a smaller counterexample is looked for (ms). */
const SEARCH = 20_000;

/**
 * Ends the search for a smaller counterexample in time. What was found up to
 * then is reported, with its seed and its path.
 */
export function searchedBriefly<Args extends unknown[]>(
  predicate: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  let end = Infinity;
  return async (...args) => {
    fc.pre(performance.now() < end);
    try {
      await predicate(...args);
    } catch (error) {
      end = Math.min(end, performance.now() + SEARCH);
      throw error;
    }
  };
}
