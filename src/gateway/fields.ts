/**
 * The fields of what clients sent, and what is said of one that is wrong.
 *
 * @module
 */

import { Refused } from "./refused.ts";

/** An object of a request, of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields of an object.
 *
 * @param place where it stands, for the error
 * @throws {Refused} when it is anything else
 */
export function fieldsOf(value: unknown, place: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Fields;
  }
  throw mistake(place, "an object", value);
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
