/**
 * Where time comes from. Everything that reads the time or waits for it takes
 * a {@linkcode Clock}, so that tests can hold it in their hands.
 *
 * @module
 */

/** A source of time. Points in time are epoch milliseconds. */
export interface Clock {
  /** The current time. */
  now(): number;
  /**
   * Calls back once after `ms` milliseconds and returns a function that
   * cancels the call. A timer never keeps a process alive by itself.
   */
  timer(ms: number, callback: () => void): () => void;
}
