/**
 * The dead letters.
 *
 * @module
 */

import type { DeadLetter } from "../../contracts/dead_letters.ts";
import type { OpenStores } from "../../producer/stores.ts";
import { cut } from "./task_row.ts";
import type { DeadPage, DeadRow } from "./types/dead.ts";

const MOST = 500;
/** One letter is looked for among so many. */
const LOOKED_AT = 10_000;

/** A page of letters, the latest first. */
export async function listDead(
  { broker }: OpenStores,
  { limit = 50, cursor }: {
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  },
): Promise<DeadPage> {
  const page = await broker.deadLetters.list({
    limit: Math.min(MOST, Math.max(1, limit)),
    cursor,
  });
  return { letters: page.items.map(rowOf), cursor: page.cursor };
}

/** One letter by its key; `null` when it is not among the latest. */
export async function findDead(
  { broker }: OpenStores,
  key: string,
): Promise<DeadRow | null> {
  let cursor: string | undefined;
  for (let seen = 0; seen < LOOKED_AT; seen += MOST) {
    const page = await broker.deadLetters.list({ limit: MOST, cursor });
    const found = page.items.find((letter) => letter.key === key);
    if (found !== undefined) return rowOf(found);
    if (page.cursor === null) return null;
    cursor = page.cursor;
  }
  return null;
}

function rowOf(letter: DeadLetter): DeadRow {
  const { key, id, task, queue, reason, detail, losses, diedAt, body } = letter;
  const message = cut(body, 10_000) ?? "";
  return {
    key,
    id,
    name: task,
    queue,
    reason,
    detail,
    losses,
    diedAt,
    message,
  };
}
