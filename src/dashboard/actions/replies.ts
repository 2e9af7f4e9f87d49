/**
 * What workers have answered to an order, as one sentence.
 *
 * @module
 */

import type { Done } from "../../control/facts.ts";
import type { Replies } from "../../control/replies.ts";
import type { ActionResult } from "./action.ts";

/** What came of an order: done if anybody has done it and nobody refused. */
export function heard(
  { replies, errors, missing }: Replies<Done>,
): ActionResult {
  const sentences = [
    ...Object.entries(replies).map(([name, { ok }]) => `${name}: ${ok}`),
    ...Object.entries(errors).map(([name, why]) => `${name}: ${why}`),
    ...missing.map((name) => `${name} did not answer`),
  ];
  const ok = Object.keys(replies).length > 0 &&
    Object.keys(errors).length === 0;
  return {
    ok,
    text: sentences.join(". ") || "No worker is there",
    details: { replies, errors, missing },
  };
}
