/**
 * A request that is refused.
 *
 * @module
 */

/** Refuses a request, with a sentence for its sender. */
export class Refused extends Error {
  /** The status of HTTP. */
  readonly status: number;

  /** Says why. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
