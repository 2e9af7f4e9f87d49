/**
 * Finds the dead letter of a task. Letters are not kept by id, so the latest
 * are looked through, up to a bound.
 *
 * @module
 */

import type { OpenStores } from "../../producer/stores.ts";
import type { LetterFacts } from "./facts.ts";

const PAGE = 250;
const MOST = 1_000;

/** Nothing was looked at. */
export const NO_LETTER: LetterFacts = {
  letter: undefined,
  searched: 0,
  more: false,
};

/** The latest dead letter of a task. */
export async function findLetter(
  { broker }: OpenStores,
  id: string,
): Promise<LetterFacts> {
  let searched = 0;
  let cursor: string | undefined;
  do {
    const page = await broker.deadLetters.list({ limit: PAGE, cursor });
    const letter = page.items.find((each) => each.id === id);
    searched += page.items.length;
    cursor = page.cursor ?? undefined;
    if (letter !== undefined) return { letter, searched, more: false };
  } while (cursor !== undefined && searched < MOST);
  return { letter: undefined, searched, more: cursor !== undefined };
}
