/**
 * What a gateway cannot be asked for.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";

/** Members of a port that refuse, in a sentence that says where to go. */
export function refuseAll<Port, Name extends keyof Port & string>(
  names: Readonly<Record<Name, true>>,
): Pick<Port, Name> {
  const refusals = Object.keys(names).map((name) => [
    name,
    () =>
      Promise.reject(
        new StoreError(
          `A gateway sends tasks and tells their results; it cannot ${
            words(name)
          }: open the store itself for that, with its own URL`,
          { transient: false },
        ),
      ),
  ]);
  return Object.fromEntries(refusals) as Pick<Port, Name>;
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
