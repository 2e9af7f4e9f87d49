/**
 * How beats hear of changes at once. What is said here only makes it quick:
 * the store's revision tells whoever looks that something was changed.
 *
 * @module
 */

import type { Store } from "../contracts/store.ts";

/** The topic on which changes of entries are told. */
export const SCHEDULES_TOPIC = "schedules";

/** What was changed. */
export interface EntryChange {
  /** The revision of the store since. */
  readonly revision: number;
  /** The entries; `null` when they are too many to name. */
  readonly names: readonly string[] | null;
}

/** The most entries that are named. */
const MOST_NAMED = 50;

/** Tells all beats that entries were changed. */
export async function tellChange(
  store: Store,
  names: readonly string[],
): Promise<void> {
  const { revision } = await store.scheduler.leader();
  const named = names.length <= MOST_NAMED ? names : null;
  const change: EntryChange = { revision, names: named };
  await store.bus.broadcast(SCHEDULES_TOPIC, JSON.stringify(change));
}

/** Reads what was told; `null` for what is none of it. */
export function readChange(payload: string): EntryChange | null {
  try {
    const { revision, names } = JSON.parse(payload) as Partial<EntryChange>;
    if (typeof revision !== "number") return null;
    return { revision, names: Array.isArray(names) ? names : null };
  } catch {
    return null;
  }
}
