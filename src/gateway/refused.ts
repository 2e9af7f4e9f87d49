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

/** The refusal of something that was given where something else is wanted. */
export function mistake(
  place: string,
  wanted: string,
  given: unknown,
): Refused {
  const shown = JSON.stringify(given)?.slice(0, 80) ?? "nothing";
  return new Refused(400, `${place} must be ${wanted}, but it is ${shown}`);
}
