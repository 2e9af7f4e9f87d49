/**
 * What a failed expectation throws.
 *
 * @module
 */

/** An expectation of a test does not hold. */
export class AssertionError extends Error {
  /** The name of the class. */
  override readonly name: string = "AssertionError";
}
