/**
 * Checks of the dead letters.
 *
 * @module
 */

import { count } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** There are to be none that nobody has looked at. */
export function checkDeadLetters(
  { running }: CheckContext,
): readonly Finding[] {
  const { count: found, more, reasons } = running.letters;
  if (found === 0) return [fine("deadLetters", "There are no dead letters")];
  const each = Object.entries(reasons).map(([reason, number]) =>
    `${number} ${reason}`
  ).join(", ");
  return [warning(
    "deadLetters",
    `There ${found === 1 ? "is" : "are"} ${more ? "more than " : ""}${
      count(found, "dead letter")
    }: ${each}`,
    "Look at them with lovage dead list, then redrive or purge them",
  )];
}
